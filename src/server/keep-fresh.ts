// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';
import { asCountersignError, type CountersignError } from '../errors.ts';
import { type BackoffTiming, createBackoff } from '../kubernetes/index.ts';
import { LIMITS } from '../limits.ts';
import type { FileClient } from '../registry/index.ts';
import { type Refreshed, refreshTrustRoot, type TufSource } from '../trust/index.ts';

/** Told what came of each refresh; must not throw. */
export type Refreshes = { refreshed(result: Refreshed): void; failed(error: CountersignError): void };

type Surroundings = {
  readonly client: FileClient;
  readonly clock: () => number;
  /** Pauses after a failure. */
  readonly backoff?: BackoffTiming | undefined;
};

const HOUR_MS = 3_600_000;
const BACKOFF: BackoffTiming = { firstMs: LIMITS.tufRetryMs, longestMs: LIMITS.tufLongestRetryMs };

/**
 * Refreshes a trust root as often as its Config says, beginning now, or when what was kept of it has become as old as
 * that. After a failure again with growing pauses. Never keeps the process alive.
 */
export function keepFresh(
  source: TufSource,
  { client, clock, backoff = BACKOFF }: Surroundings,
  told: Refreshes,
): { close(): void } {
  const ending = new AbortController();
  const { signal } = ending;
  const pauses = createBackoff(backoff);
  const everyMs = source.tuf.refreshHours * HOUR_MS;

  async function attempt(): Promise<boolean> {
    try {
      const refreshed = await refreshTrustRoot(source, client, { signal, now: clock() });
      if (!signal.aborted) told.refreshed(refreshed);
      return true;
    } catch (error) {
      if (!signal.aborted) told.failed(asCountersignError(error));
      return false;
    }
  }

  async function run(): Promise<void> {
    const age = clock() - (source.store.read()?.refreshedAt ?? 0);
    // A clock that was put back must not put off the refresh.
    if (age >= 0) await pauseFor(everyMs - age, signal);
    while (!signal.aborted) {
      if (!(await attempt())) {
        await pauses.pause(signal);
      } else {
        pauses.reset();
        // Some of it by chance: the replicas of a cluster ask one after another.
        await pauseFor(everyMs * (0.9 + Math.random() / 10), signal);
      }
    }
  }

  void run();
  return { close: () => ending.abort() };
}

async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  // An abort is no failure here: the caller looks at the signal.
  await wait(milliseconds, undefined, { signal, ref: false }).catch(() => {});
}
