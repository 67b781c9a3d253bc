// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';

/** Who asks, and for how long: the signal aborts when the caller is gone; the budget is in milliseconds. */
export type Call = {
  readonly signal: AbortSignal;
  readonly budgetMs: number;
  /** When the budget began, as a moment of `performance.now()`; absent: with the question. */
  readonly startedAt?: number;
  /** False: nobody vouches for the caller, who reads no pull secrets and leaves nothing behind. Absent: true. */
  readonly proven?: boolean;
};

/** One deadline for all images of a question, as a moment of `performance.now()` and as a signal. */
export type Deadline = { readonly at: number; readonly signal: AbortSignal; stop(): void };

/**
 * Starts the clock of one question. The signal aborts with DEADLINE_EXCEEDED when the budget is used up and
 * with CANCELLED when the caller goes away; `stop` must be called when the answer is there.
 */
export function startDeadline(call: Call): Deadline {
  return new LazyDeadline(call);
}

/**
 * Timer and signal are made when somebody first looks at the signal: an answer from memory waits for nothing,
 * and needs neither. A signal made late is what it would be by then: aborted where time is up or the caller gone.
 */
class LazyDeadline implements Deadline {
  readonly at: number;
  readonly #call: Call;
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(call: Call) {
    this.#call = call;
    this.at = (call.startedAt ?? performance.now()) + call.budgetMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#start();
    return this.#controller.signal;
  }

  stop(): void {
    this.#stopped = true;
    if (this.#controller === undefined) return;
    clearTimeout(this.#timer);
    this.#call.signal.removeEventListener('abort', this.#onGone);
  }

  #start(): AbortController {
    this.#controller = new AbortController();
    if (this.#stopped) return this.#controller;
    const { signal } = this.#call;
    const left = this.at - performance.now();
    if (signal.aborted) this.#onGone();
    else if (left <= 0) this.#onLate();
    else {
      this.#timer = setTimeout(this.#onLate, left);
      signal.addEventListener('abort', this.#onGone, { once: true });
    }
    return this.#controller;
  }

  readonly #onGone = () => {
    this.#controller?.abort(new CountersignError('CANCELLED', 'the caller went away'));
  };

  readonly #onLate = () => {
    const { budgetMs } = this.#call;
    this.#controller?.abort(new CountersignError('DEADLINE_EXCEEDED', `no answer within ${budgetMs} ms`));
  };
}
