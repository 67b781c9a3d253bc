// SPDX-License-Identifier: Apache-2.0
import type { LoggedRequest } from '../src/testing/index.ts';

/**
 * How many requests came one after another: the largest number of which none began before the one before it
 * had ended. With a latency ordered from the registry, requests that are side by side overlap for sure.
 */
export function longestChain(requests: readonly LoggedRequest[]): number {
  const byEnd = requests
    .map(({ at, endedAt }) => ({ at, endedAt: endedAt ?? Number.POSITIVE_INFINITY }))
    .toSorted((a, b) => a.endedAt - b.endedAt);
  let length = 0;
  let free = Number.NEGATIVE_INFINITY;
  for (const { at, endedAt } of byEnd) {
    if (at < free) continue;
    length += 1;
    free = endedAt;
  }
  return length;
}
