// SPDX-License-Identifier: Apache-2.0

/** The last moment that a Date can hold (ECMA-262 §21.4.1.1). */
const LAST_MOMENT = 8.64e15;

/** A time (ms since the epoch) for messages, in RFC 3339. What others have signed may name one that no calendar has. */
export function timeText(timeMs: number): string {
  return Math.abs(timeMs) <= LAST_MOMENT ? new Date(timeMs).toISOString() : `${timeMs} ms`;
}
