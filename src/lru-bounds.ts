// SPDX-License-Identifier: Apache-2.0

/** The bounds of an LRU cache: how many entries, and how many bytes in all, as `sizeOf` counts them. */
type Bounds<Value> =
  | { readonly entries: number }
  | {
      readonly entries: number;
      readonly bytes: number;
      readonly sizeOf: (value: Value, key: string) => number;
    };

/**
 * Options of lru-cache for these bounds. An entry counts as its size, or as its share of the bytes where that is more:
 * `max` would say the same, but sets aside room for as many entries at once, 5 MB for all caches of a server.
 */
export function lruBounds<Value>(bounds: Bounds<Value>): {
  readonly maxSize: number;
  readonly sizeCalculation: (value: Value, key: string) => number;
} {
  const { entries } = bounds;
  if (!('bytes' in bounds)) return { maxSize: entries, sizeCalculation: () => 1 };
  const { bytes, sizeOf } = bounds;
  const share = Math.ceil(bytes / entries);
  return { maxSize: bytes, sizeCalculation: (value, key) => Math.max(share, sizeOf(value, key)) };
}
