// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isJsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { readBody } from './body.ts';
import { PassingFailure } from './failure.ts';
import { parseJsonObject } from './json.ts';
import { parseRetryAfter } from './retry.ts';
import type { Answer } from './transport.ts';

/**
 * Throws for the statuses that mean the same whatever was asked; the others are the caller's to judge.
 *
 * @throws REGISTRY_UNAUTHORIZED (401, 403), REGISTRY_RATE_LIMITED (429), REGISTRY_ERROR (5xx)
 */
export async function refuseFailures(answer: Answer, what: string): Promise<void> {
  const { status } = answer;
  if (status !== 401 && status !== 403 && status !== 429 && status < 500) return;
  const message = await describe(answer, what);
  if (status === 401 || status === 403) throw new CountersignError('REGISTRY_UNAUTHORIZED', message);
  const waitMs = parseRetryAfter(answer.header('retry-after'), Date.now());
  throw new PassingFailure(status === 429 ? 'REGISTRY_RATE_LIMITED' : 'REGISTRY_ERROR', message, { waitMs });
}

/** The error for a status that the specification does not know for what was asked. */
export async function unexpectedStatus(answer: Answer, what: string): Promise<CountersignError> {
  return new CountersignError('REGISTRY_ERROR', await describe(answer, what));
}

/** `registry.example: manifest acme/app:1: the answer was 403 DENIED`. Also reads the body to its end or bound. */
async function describe(answer: Answer, what: string): Promise<string> {
  const code = await readErrorCode(answer);
  return `${answer.url.host}: ${what}: the answer was ${answer.status}${code === undefined ? '' : ` ${code}`}`;
}

/** Distribution specification, "Error Codes": `{"errors":[{"code":"DENIED",…}]}`. */
async function readErrorCode(answer: Answer): Promise<string | undefined> {
  try {
    const body = parseJsonObject(await readBody(answer, LIMITS.errorBodyBytes, 'error'), 'error');
    const first: unknown = Array.isArray(body['errors']) ? body['errors'][0] : undefined;
    const code = isJsonObject(first) ? first['code'] : undefined;
    return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : undefined;
  } catch {
    // The body of an error only decorates the message; the status has said it all.
    return undefined;
  }
}
