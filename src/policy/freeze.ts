// SPDX-License-Identifier: Apache-2.0
import { KeyObject } from 'node:crypto';

/**
 * The value with everything in it frozen, maps included. Keys of `node:crypto` are immutable already and
 * fill in their details late, and the language cannot freeze bytes, so both are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || isLeftAlone(value)) return value;
  const inner = value instanceof Map ? closeMap(value) : Object.values(value);
  Object.freeze(value);
  for (const each of inner) deepFreeze(each);
  return value;
}

function isLeftAlone(value: object): boolean {
  return value instanceof KeyObject || ArrayBuffer.isView(value) || Object.isFrozen(value);
}

/** Freezing a Map does not keep anybody from setting its entries. */
function closeMap(map: Map<unknown, unknown>): unknown[] {
  const value = () => {
    throw new TypeError('what is frozen cannot be changed');
  };
  for (const method of ['set', 'delete', 'clear']) Object.defineProperty(map, method, { value });
  return [...map.values()];
}
