// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';

/** In milliseconds: the first pause at most, and the longest. */
export type BackoffTiming = { readonly firstMs: number; readonly longestMs: number };

/** Pauses between attempts. */
export type Backoff = {
  /** Waits, each time longer, some of it by chance so that many replicas do not come back at once. Returns at once when `signal` aborts. */
  pause(signal: AbortSignal): Promise<void>;
  /** After a success: the next pause is a first one. */
  reset(): void;
};

const TIMING: BackoffTiming = { firstMs: 1_000, longestMs: 30_000 };

/** Pauses that double from a first one up to the longest, half of each by chance. */
export function createBackoff({ firstMs, longestMs }: BackoffTiming = TIMING): Backoff {
  let next = firstMs;
  return {
    async pause(signal) {
      const most = next;
      next = Math.min(longestMs, next * 2);
      // Not kept alive by it; and an abort is no failure here: the caller looks at the signal.
      await wait(most * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => {});
    },
    reset() {
      next = firstMs;
    },
  };
}
