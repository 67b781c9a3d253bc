// SPDX-License-Identifier: Apache-2.0

/** Durations counted in buckets, one series for each value of one label. */
export type TimeHistogram<Value extends string> = {
  observe(value: Value, milliseconds: number): void;
  /** The Prometheus text exposition, in seconds; every series is there from the start, at zero. */
  text(): string;
};

type Options<Value extends string> = {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  /** All values that the label has: a closed list, of names that need no escaping. */
  readonly values: readonly Value[];
  /** Upper bounds in seconds, ascending. */
  readonly buckets: readonly number[];
};

type Series = { readonly counts: number[]; sum: number };

/**
 * A histogram that costs next to nothing to observe: there are ten observations in every review, and with
 * prom-client's own they took as long as judging it.
 */
export function createTimeHistogram<Value extends string>(options: Options<Value>): TimeHistogram<Value> {
  const { name, help, label, values, buckets } = options;
  const series = Object.fromEntries(
    values.map((value) => [value, { counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 }]),
  ) as Record<Value, Series>;
  const last = buckets.length;

  return {
    observe(value, milliseconds) {
      const seconds = milliseconds / 1000;
      const { counts } = series[value];
      let bucket = 0;
      while (bucket < last && seconds > (buckets[bucket] ?? 0)) bucket += 1;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      series[value].sum += seconds;
    },
    text() {
      const lines = values.flatMap((value) => linesOf(name, `${label}="${value}"`, buckets, series[value]));
      return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ''].join('\n');
    },
  };
}

function linesOf(name: string, label: string, buckets: readonly number[], { counts, sum }: Series): string[] {
  let total = 0;
  const lines = counts.map((count, bucket) => {
    total += count;
    return `${name}_bucket{${label},le="${buckets[bucket] ?? '+Inf'}"} ${total}`;
  });
  return [...lines, `${name}_sum{${label}} ${sum}`, `${name}_count{${label}} ${total}`];
}
