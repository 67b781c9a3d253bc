// SPDX-License-Identifier: Apache-2.0

/** Runs for a while and says how many operations per second it managed. */
export type Contender = () => number | Promise<number>;

/** Medians over all rounds; `ratio` is the median of the ratios of each round, not the ratio of the medians. */
export type Comparison = { readonly ratio: number; readonly ours: number; readonly bare: number };

/**
 * Measures two contenders in turn, so that a machine that slows down slows both: A B, B A, A B … A first round
 * is thrown away.
 */
export async function compare(rounds: number, ours: Contender, bare: Contender): Promise<Comparison> {
  const pairs: Pair[] = [];
  await ours();
  await bare();
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const first = await ours();
      pairs.push({ ours: first, bare: await bare() });
    } else {
      const first = await bare();
      pairs.push({ ours: await ours(), bare: first });
    }
  }
  return medians(pairs);
}

/** Works on so many, one after the other. */
export type Work = (count: number) => void;

/** How long a comparison is: `warmUp` rounds come before those that count. */
export type Length = {
  readonly warmUp: number;
  readonly rounds: number;
  readonly slices: number;
  readonly perSlice: number;
};

/**
 * Measures two contenders in slices of some milliseconds, in turn, so that who else works on the machine, or slows it down for a
 * while, takes as much from both. A round is all its slices together, so that the garbage of one is collected within it and counts: in a
 * median of single slices it would be an exception. Both begin anew in each round.
 */
export function compareInSlices(length: Length, ours: () => Work, bare: () => Work): Comparison {
  const pairs = Array.from({ length: length.warmUp + length.rounds }, () => roundOf(length, ours(), bare()));
  return medians(pairs.slice(length.warmUp));
}

function roundOf({ slices, perSlice }: Length, ours: Work, bare: Work): Pair {
  const spent = { ours: 0, bare: 0 };
  const slice = { ours: () => ours(perSlice), bare: () => bare(perSlice) };
  for (let index = 0; index < slices; index += 1) {
    for (const who of index % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
      const start = performance.now();
      slice[who]();
      spent[who] += performance.now() - start;
    }
  }
  const perSecond = (milliseconds: number) => (slices * perSlice * 1000) / milliseconds;
  return { ours: perSecond(spent.ours), bare: perSecond(spent.bare) };
}

/** Operations per second of both, in one round. */
type Pair = { readonly ours: number; readonly bare: number };

function medians(pairs: readonly Pair[]): Comparison {
  return {
    ratio: median(pairs.map((pair) => pair.ours / pair.bare)),
    ours: median(pairs.map((pair) => pair.ours)),
    bare: median(pairs.map((pair) => pair.bare)),
  };
}

/** Operations per second of `count` calls. */
export function rateOf(count: number, work: (index: number) => void): number {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) work(index);
  return (count * 1000) / (performance.now() - start);
}

/** The middle of values; the mean of both where there are two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
