// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../src/json-object.ts';

/** The value with both changes to it; where both changed the same part, that of the first. */
export function mergeJson(original: unknown, first: unknown, second: unknown): unknown {
  if (isDeepStrictEqual(first, original)) return second;
  if (isDeepStrictEqual(second, original)) return first;
  if (Array.isArray(original)) {
    const areLists = Array.isArray(first) && Array.isArray(second);
    if (!areLists || first.length !== original.length || second.length !== original.length) return first;
    return original.map((one: unknown, at) => mergeJson(one, first[at], second[at]));
  }
  if (!isJsonObject(original) || !isJsonObject(first) || !isJsonObject(second)) return first;
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  const merged = [...names].map(
    (name) => [name, mergeJson(original[name], first[name], second[name])] as const,
  );
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined));
}
