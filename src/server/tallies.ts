// SPDX-License-Identifier: Apache-2.0
import { Counter, type Registry } from 'prom-client';

/** What was counted since the last look. To count is an addition, done by whoever holds it. */
type Tally = { count: number };

type Series = { readonly values: readonly string[]; readonly tally: Tally };
type Node = { readonly next: Map<string, Node>; tally?: Tally };

/** The series of a counter, by their label values. */
export type Counted = {
  /**
   * The series of these values; from here on it is shown, at zero too, so that a rate over its first increment is
   * seen. Values are of closed lists, so all of them stay few.
   */
  of(...values: string[]): Tally;
};

/**
 * A counter of prom-client. There are some ten increments in every review, and prom-client's own take longer than
 * an addition: it hears of what was counted when somebody asks for the metrics.
 */
export function counter(
  register: Registry,
  name: string,
  help: string,
  ...labelNames: readonly string[]
): Counted {
  const tallies = new Tallies();
  new Counter({
    name,
    help,
    labelNames,
    registers: [register],
    collect() {
      tallies.handOver(this);
    },
  });
  return tallies;
}

/** One series for each of a closed list of label values, looked up once. */
export function children<Name extends string, Child>(
  names: readonly Name[],
  make: (name: Name) => Child,
): Readonly<Record<Name, Child>> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Child>;
}

class Tallies implements Counted {
  readonly #root: Node = { next: new Map() };
  readonly #series: Series[] = [];

  of(...values: string[]): Tally {
    let node = this.#root;
    for (const value of values) node = node.next.get(value) ?? grow(node, value);
    node.tally ??= this.#add(values);
    return node.tally;
  }

  /** Adds what was counted since to the counter. */
  handOver(counter: Counter): void {
    for (const { values, tally } of this.#series) {
      counter.labels(...values).inc(tally.count);
      tally.count = 0;
    }
  }

  #add(values: readonly string[]): Tally {
    const tally = { count: 0 };
    this.#series.push({ values, tally });
    return tally;
  }
}

function grow(node: Node, value: string): Node {
  const next = { next: new Map() };
  node.next.set(value, next);
  return next;
}
