// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, type JsonObject } from '../json-object.ts';

/**
 * The object's own field. Attacker input: what it inherits does not count, so neither `__proto__` nor an
 * altered `Object.prototype` can stand in for a field. `null` is absent, as the API server writes it.
 */
export function ownField(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** The own field at the end of a path of names; `undefined` where anything on the way is no object. */
export function fieldAt(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const name of path) here = isJsonObject(here) ? ownField(here, name) : undefined;
  return here;
}

/** Where a field is inside a JSON document (RFC 6901). */
export function jsonPointer(segments: readonly (string | number)[]): string {
  let pointer = '';
  for (const segment of segments) pointer += `/${typeof segment === 'number' ? segment : escaped(segment)}`;
  return pointer;
}

function escaped(segment: string): string {
  if (!segment.includes('~') && !segment.includes('/')) return segment;
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What a value is, in a few words for an error message; of a string at most 64 characters. */
export function describeJson(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value !== 'string') return `the ${typeof value} ${String(value)}`;
  const shown = value.length > 64 ? `${value.slice(0, 64)}…` : value;
  return `the string ${JSON.stringify(shown)}`;
}
