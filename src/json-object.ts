// SPDX-License-Identifier: Apache-2.0

/** A JSON object from outside, its values not looked at yet. */
export type JsonObject = { readonly [name: string]: unknown };

/** Whether the value is a JSON object: neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
