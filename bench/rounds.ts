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
  const pairs: { readonly ours: number; readonly bare: number }[] = [];
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
