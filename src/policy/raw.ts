// SPDX-License-Identifier: Apache-2.0

/**
 * Readers for a document that may be wrong in several places: they give what is there in the shape that was
 * asked for, and nothing otherwise, so that one mistake does not hide the next.
 */

/** The value under a key of a mapping. */
export function valueAt(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Whether a mapping has the key, whatever its value. */
export function hasKey(value: unknown, key: string): boolean {
  return isMapping(value) && Object.hasOwn(value, key);
}

/** The text under a key of a mapping. */
export function textAt(value: unknown, key: string): string | undefined {
  const found = valueAt(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** The entries of a list. */
export function entriesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Keys and values of a mapping. */
export function pairsOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isMapping(value) ? Object.entries(value) : [];
}

/** Whether the value is a mapping, not a list. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
