// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { describeJson } from './json-fields.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/;
/** What API servers write nearly always. */
const SECONDS = /^(\d{1,4})s$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g;
/** Longer than any duration that Go writes. */
const LONGEST = 64;
const MARGIN_MS = 1_000;
/** Node fires a timer at once that is set further away than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The deadline of a review in milliseconds, from the `timeout` parameter that the API server puts into the URL:
 * a Go duration such as `10s` or `1m0s`. Attacker input: absent or unreadable is 10 s, and whatever it says,
 * the answer is within the 1 to 30 s that Kubernetes allows. Never throws.
 */
export function parseTimeout(text: string | null | undefined): number {
  const { least, absent, most } = LIMITS.reviewTimeoutMs;
  const milliseconds = readDuration(text ?? '');
  return milliseconds === undefined ? absent : Math.min(Math.max(milliseconds, least), most);
}

/** A duration that a user wrote (`10s`, `1m30s`), in milliseconds; throws USAGE for what is none, less than `least` or more than `most`. */
export function parseDuration(text: string, least = 1, most = LONGEST_TIMER_MS): number {
  const milliseconds = readDuration(text);
  if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) {
    return milliseconds;
  }
  throw new CountersignError('USAGE', `wanted a duration such as 10s or 1m30s, found ${describeJson(text)}`);
}

/**
 * The milliseconds that the eight verbs may take of a deadline: a margin of 1 s is left for the way back, or
 * half where the deadline is too short for that.
 */
export function budgetMs(timeoutMs: number): number {
  return Math.max(timeoutMs - MARGIN_MS, timeoutMs / 2);
}

function readDuration(text: string): number | undefined {
  const seconds = SECONDS.exec(text)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1000;
  if (text.length > LONGEST || !DURATION.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, count = '', unit = ''] of text.matchAll(PART)) {
    milliseconds += Number(count) * (UNIT_MS[unit] ?? 0);
  }
  return Math.round(milliseconds);
}
