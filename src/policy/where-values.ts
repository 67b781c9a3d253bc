// SPDX-License-Identifier: Apache-2.0
import type { CelInput, CelList, CelMap } from '@bufbuild/cel';
import type { CelLibrary } from './where-library.ts';

/** Makes a value of CEL from one of JSON. */
export type FromJson = (value: unknown) => CelInput;

/**
 * JSON as CEL sees it: whole numbers that a double holds exactly are `int`, others `double`. Objects become maps of
 * their own keys only, and nothing in them is ever taken for anything but data: the library would take an object with
 * a key `$typeName` for a message.
 *
 * What an expression does not look at is not converted, since a predicate may have half a million values; what it looks at twice
 * is converted twice, which costs less than to remember it.
 */
export function jsonConverter(cel: CelLibrary): FromJson {
  const convert: FromJson = (value) => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value !== 'object' || value === null) return null;
    return Array.isArray(value) ? listOf(cel, value, convert) : mapOf(cel, value, convert);
  };
  return convert;
}

/** A list of the library that converts each value when it is asked for: it takes arrays of values only. */
function listOf(cel: CelLibrary, array: readonly unknown[], convert: FromJson): CelList {
  function* values(): IterableIterator<CelInput> {
    for (const value of array) yield convert(value);
  }
  return Object.defineProperties(cel.celList([]), {
    size: { value: array.length },
    get: {
      value: (index: number) => (Object.hasOwn(array, index) ? convert(array[index]) : undefined),
    },
    values: { value: values },
    [Symbol.iterator]: { value: values },
  });
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
