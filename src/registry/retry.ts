// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Scope } from './exchange.ts';
import { PassingFailure } from './failure.ts';

/**
 * Makes at most {@link LIMITS}.attempts attempts, as long as the failures are passing ones and the next attempt
 * would start before the deadline; a wait that does not fit is not begun. What fails in the end is final: retries
 * around retries do not multiply.
 */
export async function withRetries<T>(scope: Scope, attempt: () => Promise<T>): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error;
      const waitMs = (error.waitMs ?? 0) + backoffMs(made);
      const fits = waitMs < LIMITS.longestWaitMs && performance.now() + waitMs < scope.deadline();
      if (made >= LIMITS.attempts || !fits) {
        throw new CountersignError(error.code, error.message, { cause: error });
      }
      await sleep(waitMs, undefined, { signal: scope.signal });
    }
  }
}

/**
 * What a Retry-After header asks to wait, in milliseconds: a number of seconds, or a date (RFC 9110 §10.2.3).
 * What is neither is as good as absent.
 */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000;
  // Only the date form of the standard: Date.parse would make something of nearly any text.
  const date = /^\s*[A-Z][a-z]{2},/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Doubles each time; the random half keeps replicas from asking again all at the same moment. */
function backoffMs(made: number): number {
  return LIMITS.retryMs * 2 ** (made - 1) * (0.5 + Math.random() / 2);
}
