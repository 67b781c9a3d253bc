// SPDX-License-Identifier: Apache-2.0
import { KeyObject } from 'node:crypto';

/**
 * The value with everything in it frozen, maps included. Keys of `node:crypto` are immutable already and
 * fill in their details late, so they are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof KeyObject || Object.isFrozen(value)) {
    return value;
  }
  const inner = value instanceof Map ? closeMap(value) : Object.values(value);
  Object.freeze(value);
  for (const each of inner) deepFreeze(each);
  return value;
}

/** Freezing a Map does not keep anybody from setting its entries. */
function closeMap(map: Map<unknown, unknown>): unknown[] {
  const value = () => {
    throw new TypeError('a compiled policy cannot be changed');
  };
  for (const method of ['set', 'delete', 'clear']) Object.defineProperty(map, method, { value });
  return [...map.values()];
}
