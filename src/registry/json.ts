// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { countJsonValues } from '../json-bounds.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';

const BOUNDS = { depth: LIMITS.jsonDepth, values: LIMITS.answerValues };

/**
 * The bytes as a JSON object.
 *
 * Attacker input, bounded in depth and number of values before anything is built. The parser's own message is not kept: it quotes the text, and that may be a token.
 * `unique`: an object that has a member twice is refused too; readers differ in which of them counts.
 *
 * @throws RESPONSE_MALFORMED, or LIMIT_EXCEEDED past a bound, with `what` as the subject of the message
 */
export function parseJsonObject(
  bytes: Uint8Array,
  what: string,
  { unique = false }: { readonly unique?: boolean } = {},
): JsonObject {
  const count = countJsonValues(bytes, BOUNDS);
  if (count === undefined) throw tooLarge(what);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed(`${what}: not JSON`);
  }
  if (!isJsonObject(value)) throw malformed(`${what}: not a JSON object`);
  if (unique && 1 + separatorsIn(value) !== count) throw malformed(`${what}: a member that is there twice`);
  return value;
}

/** The commas and opening brackets that a value is written with: fewer than were counted, where a member replaced another. */
function separatorsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner: unknown[] = Object.values(value);
  return inner.reduce<number>((sum, one) => sum + separatorsIn(one), Math.max(1, inner.length));
}

function tooLarge(what: string): CountersignError {
  return new CountersignError(
    'LIMIT_EXCEEDED',
    `${what}: JSON nested deeper than ${BOUNDS.depth}, or with more than ${BOUNDS.values} values`,
  );
}

/** The error for an answer that is not what was asked for. */
export function malformed(message: string, options?: ErrorOptions): CountersignError {
  return new CountersignError('RESPONSE_MALFORMED', message, options);
}
