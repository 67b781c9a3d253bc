// SPDX-License-Identifier: Apache-2.0

import { abortReason } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { createFairLine, type Tenants } from '../sharing/index.ts';

/**
 * Shares the time of this process between the verifications under way: all of them together get
 * {@link LIMITS}.turnMs of each pass of the event loop, first come, first served among those of one namespace, and the namespaces in turn, so that other requests, timers
 * and answers of registries never wait for longer, however many verifications there are.
 */
export type Turns = {
  /** Whether to go on at once; else wait for {@link Turns.next}. `begun`: this one has its turn already. */
  mayGoOn(begun: boolean): boolean;
  /**
   * Waits at the end of the line of its tenants. Whoever is called goes on at once, until it is told to stop.
   * @throws the reason of the signal, CANCELLED where it has none, as soon as that is aborted
   */
  next(signal: AbortSignal, tenants: Tenants): Promise<void>;
  /** Does a piece of the work; its time counts. */
  spend<T>(work: () => T): T;
};

type Waiter = { go(): void };

/** An empty queue. */
export function createTurns(): Turns {
  const line = createFairLine<Waiter>();
  let spentMs = 0;
  let scheduled = false;

  return {
    mayGoOn: (begun) => spentMs < LIMITS.turnMs && (begun || line.size === 0),
    next: (signal, tenants) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(abortReason(signal));
        const leave = () => {
          leaveLine();
          reject(abortReason(signal));
        };
        const waiter = {
          go() {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        const leaveLine = line.add(waiter, tenants);
        schedule();
      }),
    spend(work) {
      schedule();
      const start = performance.now();
      try {
        return work();
      } finally {
        spentMs += performance.now() - start;
      }
    },
  };

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(beginPass);
  }

  function beginPass(): void {
    scheduled = false;
    spentMs = 0;
    callNext();
  }

  /** The one that is called runs before the task queued here, which then sees what it has spent. */
  function callNext(): void {
    if (line.size === 0) return;
    if (spentMs < LIMITS.turnMs) {
      line.next()?.entry.go();
      queueMicrotask(callNext);
    } else {
      schedule();
    }
  }
}

/** The queue of this process: its time is one. */
export const TURNS = createTurns();
