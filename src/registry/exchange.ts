// SPDX-License-Identifier: Apache-2.0

import { abortReason, CountersignError } from '../errors.ts';
import { NO_NAMESPACE, type Tenants } from '../sharing/index.ts';
import type { Credentials } from './credential.ts';

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
  /** What the asker brings (the pull secrets of a Pod): tried before the client's own credentials. */
  readonly credentials?: Credentials | undefined;
  /** In whose lines it waits; absent: in that of those who have no namespace. */
  readonly tenants?: Tenants;
  /**
   * Does what memory cannot answer: asks a registry, or waits for somebody who does. Absent: at once.
   * @throws OVERLOADED at once, where too many wait already
   */
  readonly wait?: <T>(work: () => Promise<T>) => Promise<T>;
};

/** An exchange within the client: one signal for "gone" and "too late", and a deadline that may move. */
export type Scope = {
  readonly signal: AbortSignal;
  readonly deadline: () => number;
  readonly count: (kind: RequestKind) => void;
  readonly tenants: Tenants;
};

const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Runs the work under the exchange's signal and deadline. It settles as soon as either ends, even where the
 * work does not listen (a request waiting for a free connection). `what` is the subject of the message.
 *
 * @throws DEADLINE_EXCEEDED, CANCELLED, and what the work throws
 */
export async function withinExchange<T>(
  exchange: Exchange,
  what: string,
  work: (scope: Scope) => Promise<T>,
): Promise<T> {
  const { signal } = exchange;
  const ending = new AbortController();
  const cancel = () => ending.abort(abortReason(signal, what));
  let timer: NodeJS.Timeout | undefined;
  // The deadline of a shared exchange moves when somebody with more time joins.
  const expire = () => {
    const remaining = exchange.deadline - performance.now();
    if (remaining > 0) timer = setTimeout(expire, Math.min(remaining, LONGEST_TIMER));
    else ending.abort(tooLate(what));
  };

  if (signal.aborted) cancel();
  else expire();
  ending.signal.throwIfAborted();
  signal.addEventListener('abort', cancel, { once: true });
  const deadline = () => exchange.deadline;
  const count = (kind: RequestKind) => exchange.onRequest?.(kind);
  const tenants = exchange.tenants ?? NO_NAMESPACE;
  try {
    return await orAborted(work({ signal: ending.signal, deadline, count, tenants }), ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
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

function tooLate(what: string): CountersignError {
  return new CountersignError('DEADLINE_EXCEEDED', `${what}: no answer of the registry in time`);
}
