// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';

/** What a request to a registry asks for; the label of a metric. */
export type RequestKind = 'token' | 'manifest' | 'blob' | 'referrers' | 'tags';

/** For whom, and how long, a registry is asked. */
export type Exchange = {
  /** The caller is gone. A reason that is a {@link CountersignError} is what the call then throws. */
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** Called for each request that goes out, redirects, retries and tokens too. */
  readonly onRequest?: (kind: RequestKind) => void;
};

/** An exchange within the client: one signal for "gone" and "too late", and a deadline that may move. */
export type Scope = {
  readonly signal: AbortSignal;
  readonly deadline: () => number;
  readonly count: (kind: RequestKind) => void;
};

const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Runs the work under the exchange's signal and deadline. It settles as soon as either ends, even where the
 * work does not listen (a request waiting for a free connection).
 *
 * @throws DEADLINE_EXCEEDED, CANCELLED, and what the work throws
 */
export async function withinExchange<T>(exchange: Exchange, work: (scope: Scope) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const cancel = () => ending.abort(cancellation(exchange.signal));
  if (exchange.signal.aborted) throw cancellation(exchange.signal);
  if (exchange.deadline <= performance.now()) throw tooLate();

  exchange.signal.addEventListener('abort', cancel, { once: true });
  const stopTimer = onDeadline(exchange, () => ending.abort(tooLate()));
  try {
    return await orAborted(
      work({
        signal: ending.signal,
        deadline: () => exchange.deadline,
        count: (kind) => exchange.onRequest?.(kind),
      }),
      ending.signal,
    );
  } finally {
    stopTimer();
    exchange.signal.removeEventListener('abort', cancel);
  }
}

/** The deadline of a shared flight moves when somebody joins who has more time, so it is read again when it is due. */
function onDeadline(exchange: Exchange, expire: () => void): () => void {
  let timer: NodeJS.Timeout;
  const look = () => {
    const remaining = exchange.deadline - performance.now();
    if (remaining <= 0) expire();
    else timer = setTimeout(look, Math.min(Math.ceil(remaining), LONGEST_TIMER));
  };
  look();
  return () => clearTimeout(timer);
}

/** The promise, or the signal's reason as soon as that is aborted. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const settled = () => signal.removeEventListener('abort', abort);
    promise.then(resolve, reject).then(settled);
  });
}

function cancellation(signal: AbortSignal): CountersignError {
  if (signal.reason instanceof CountersignError) return signal.reason;
  return new CountersignError('CANCELLED', 'the caller went away', { cause: signal.reason });
}

function tooLate(): CountersignError {
  return new CountersignError('DEADLINE_EXCEEDED', 'the registry had not answered when the time was over');
}
