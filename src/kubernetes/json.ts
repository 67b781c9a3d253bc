// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { countJsonValues } from '../json-bounds.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';

/** An API server answers with what it takes: the bounds of an object in a review are those of an object in an answer. */
const BOUNDS = { depth: LIMITS.reviewDepth, values: LIMITS.reviewValues };

/**
 * The bytes as a JSON object, bounded before anything is built.
 *
 * @throws CountersignError KUBERNETES_ERROR, LIMIT_EXCEEDED; no message quotes the bytes, which may be a Secret's
 */
export function parseObject(bytes: Uint8Array, what: string): JsonObject {
  if (countJsonValues(bytes, BOUNDS) === undefined) {
    throw new CountersignError('LIMIT_EXCEEDED', `${what}: JSON with too many values, or nested too deep`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new CountersignError('KUBERNETES_ERROR', `${what}: the answer is not JSON`);
  }
  if (!isJsonObject(value)) throw new CountersignError('KUBERNETES_ERROR', `${what}: no JSON object`);
  return value;
}
