// SPDX-License-Identifier: Apache-2.0
import { LRUCache } from 'lru-cache';
import { lruBounds } from '../lru-bounds.ts';

/** A remembered fact and when it was found out, in `performance.now()` milliseconds. */
export type Remembered<T> = { readonly value: T; readonly at: number };

/**
 * A bounded memory of facts. It never decides how old is too old: the reader says what age it accepts.
 * Only successes are put in. The least recently used fact goes when entries or bytes run out.
 */
export type FactCache<T> = {
  /** The fact, unless it is older than `maxAgeMs`. */
  recall(key: string, maxAgeMs: number): Remembered<T> | undefined;
  remember(key: string, value: T): Remembered<T>;
  readonly size: number;
};

/** An empty memory of at most `entries` facts and `bytes` in all, as `sizeOf` counts them. */
export function createFactCache<T extends object>(options: {
  readonly entries: number;
  readonly bytes: number;
  readonly sizeOf: (value: T) => number;
}): FactCache<T> {
  const { entries, bytes } = options;
  const sizeOf = (fact: Remembered<T>, key: string) => key.length + Math.max(1, options.sizeOf(fact.value));
  const cache = new LRUCache<string, Remembered<T>>(lruBounds({ entries, bytes, sizeOf }));
  return {
    recall(key, maxAgeMs) {
      const fact = cache.get(key);
      if (fact === undefined) return undefined;
      return performance.now() - fact.at <= maxAgeMs ? fact : undefined;
    },
    remember(key, value) {
      const fact = { value, at: performance.now() };
      cache.set(key, fact);
      return fact;
    },
    get size() {
      return cache.size;
    },
  };
}
