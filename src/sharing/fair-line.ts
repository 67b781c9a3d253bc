// SPDX-License-Identifier: Apache-2.0
import type { Tenants } from './tenants.ts';

/**
 * Who waits for something that is scarce: a line for each tenant, and the tenants are served in turn. A tenant with
 * thousands in its line waits for itself; one with a single entry is next within one round.
 */
export type FairLine<T> = {
  readonly size: number;
  /** Puts an entry at the end of the line of each of its tenants. The function that is returned takes it out. */
  add(entry: T, tenants: Tenants): () => void;
  /** Takes out the first entry of the next tenant, of those that `may`, and says in whose turn. */
  next(
    may?: (tenant: string, entry: T) => boolean,
  ): { readonly entry: T; readonly tenant: string } | undefined;
};

type Place<T> = { readonly entry: T; readonly tenants: Tenants; unlisten: () => void };

/** Empty lines. `onJoin` is called when an entry came into one more line, where it may be served sooner. */
export function createFairLine<T>(onJoin = () => {}): FairLine<T> {
  // In the order of their turns: who was served goes to the end.
  const lines = new Map<string, Set<Place<T>>>();
  let size = 0;

  return {
    get size() {
      return size;
    },
    add(entry, tenants) {
      const place: Place<T> = { entry, tenants, unlisten: () => {} };
      for (const name of tenants.names) enter(name, place);
      place.unlisten = tenants.onJoin((name) => {
        enter(name, place);
        onJoin();
      });
      size += 1;
      let left = false;
      return () => {
        if (!left && isIn(place)) remove(place);
        left = true;
      };
    },
    next(may = () => true) {
      for (const [name, line] of lines) {
        const [first] = line;
        if (first === undefined || !may(name, first.entry)) continue;
        remove(first);
        const rest = lines.get(name);
        if (rest !== undefined) {
          lines.delete(name);
          lines.set(name, rest);
        }
        return { entry: first.entry, tenant: name };
      }
      return undefined;
    },
  };

  function enter(name: string, place: Place<T>): void {
    const line = lines.get(name) ?? new Set<Place<T>>();
    line.add(place);
    lines.set(name, line);
  }

  function isIn(place: Place<T>): boolean {
    for (const name of place.tenants.names) if (lines.get(name)?.has(place)) return true;
    return false;
  }

  function remove(place: Place<T>): void {
    size -= 1;
    place.unlisten();
    for (const name of place.tenants.names) {
      const line = lines.get(name);
      line?.delete(place);
      if (line?.size === 0) lines.delete(name);
    }
  }
}
