// SPDX-License-Identifier: Apache-2.0
import type { CelInput, CelMap } from '@bufbuild/cel';
import type { CelLibrary } from './where-library.ts';

/** Makes values of CEL from values of JSON; each object and list once. */
export type FromJson = (value: unknown) => CelInput;

/**
 * JSON as CEL sees it: whole numbers that a double holds exactly are `int`, others `double`. Objects become maps of
 * their own keys only, and nothing in them is ever taken for anything but data: the library would take an object with
 * a key `$typeName` for a message.
 *
 * What an expression does not look at is not converted: a predicate may have half a million values.
 */
export function jsonConverter(cel: CelLibrary): FromJson {
  const made = new WeakMap<object, CelInput>();
  const convert: FromJson = (value) => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value !== 'object' || value === null) return null;
    const before = made.get(value);
    if (before !== undefined) return before;
    const converted = Array.isArray(value) ? cel.celList(value.map(convert)) : mapOf(cel, value, convert);
    made.set(value, converted);
    return converted;
  };
  return convert;
}

function mapOf(cel: CelLibrary, object: object, convert: FromJson): CelMap {
  const source = new JsonObject(object, convert);
  const map = cel.celMap(source);
  // The library's own says no where the value is null, so that `!has(x)` would hold of a key that is there.
  map.has = (key) => source.has(key);
  return map;
}

/** An object of JSON, read as a Map. A class, since there may be as many as a predicate has objects. */
class JsonObject implements ReadonlyMap<string, CelInput> {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #convert: FromJson;

  constructor(object: object, convert: FromJson) {
    this.#object = object as Readonly<Record<string, unknown>>;
    this.#convert = convert;
  }

  get size(): number {
    return Object.keys(this.#object).length;
  }

  has(key: unknown): boolean {
    return typeof key === 'string' && Object.hasOwn(this.#object, key);
  }

  get(key: unknown): CelInput | undefined {
    return typeof key === 'string' && this.has(key) ? this.#convert(this.#object[key]) : undefined;
  }

  keys(): MapIterator<string> {
    return Object.keys(this.#object).values();
  }

  *entries(): MapIterator<[string, CelInput]> {
    for (const [key, value] of Object.entries(this.#object)) yield [key, this.#convert(value)];
    return undefined;
  }

  *values(): MapIterator<CelInput> {
    for (const value of Object.values(this.#object)) yield this.#convert(value);
    return undefined;
  }

  forEach(action: (value: CelInput, key: string, map: ReadonlyMap<string, CelInput>) => void): void {
    for (const [key, value] of this.entries()) action(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries();
  }
}
