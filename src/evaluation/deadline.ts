// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';

/** Who asks, and for how long: the signal aborts when the caller is gone; the budget is in milliseconds. */
export type Call = { readonly signal: AbortSignal; readonly budgetMs: number };

/** One deadline for all images of a question, as a moment of `performance.now()` and as a signal. */
export type Deadline = { readonly at: number; readonly signal: AbortSignal; stop(): void };

/**
 * Starts the clock of one question. The signal aborts with DEADLINE_EXCEEDED when the budget is used up and
 * with CANCELLED when the caller goes away; `stop` must be called when the answer is there.
 */
export function startDeadline(call: Call): Deadline {
  const controller = new AbortController();
  const onGone = () => controller.abort(new CountersignError('CANCELLED', 'the caller went away'));
  const timer = setTimeout(() => {
    controller.abort(new CountersignError('DEADLINE_EXCEEDED', `no answer within ${call.budgetMs} ms`));
  }, call.budgetMs);
  if (call.signal.aborted) onGone();
  else call.signal.addEventListener('abort', onGone, { once: true });

  return {
    at: performance.now() + call.budgetMs,
    signal: controller.signal,
    stop() {
      clearTimeout(timer);
      call.signal.removeEventListener('abort', onGone);
    },
  };
}
