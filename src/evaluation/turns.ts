// SPDX-License-Identifier: Apache-2.0

import { LIMITS } from '../limits.ts';
import { createFairLine, type Tenants, type Waiter, waitInLine } from '../sharing/index.ts';

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
   * Gives the tenant in whose turn that is.
   * @throws the reason of the signal, CANCELLED where it has none of ours, as soon as that is aborted
   */
  next(signal: AbortSignal, tenants: Tenants): Promise<string>;
  /** Does a piece of the work; its time counts. */
  spend<T>(work: () => T): T;
};

/** An empty queue. */
export function createTurns(): Turns {
  const line = createFairLine<Waiter>();
  let spentMs = 0;
  let scheduled = false;

  return {
    mayGoOn: (begun) => spentMs < LIMITS.turnMs && (begun || line.size === 0),
    next(signal, tenants) {
      const turn = waitInLine(line, {}, tenants, signal);
      schedule();
      return turn;
    },
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
      const next = line.next();
      next?.entry.go(next.tenant);
      queueMicrotask(callNext);
    } else {
      schedule();
    }
  }
}

/** The queue of this process: its time is one. */
export const TURNS = createTurns();

/** Does a piece of work, at once or in its turn, and gives what came of it. */
export type InTurn = <T>(work: () => T) => Promise<T>;

/** For the pieces of one verification: each has its turn among all that are under way. Throws as {@link Turns.next}. */
export function inTurns(turns: Turns, signal: AbortSignal, tenants: Tenants): InTurn {
  let begun = false;
  return async (work) => {
    if (!turns.mayGoOn(begun)) await turns.next(signal, tenants);
    begun = true;
    return turns.spend(work);
  };
}
