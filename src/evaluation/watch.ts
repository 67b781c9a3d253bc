// SPDX-License-Identifier: Apache-2.0

import type { Credentials, Exchange, RequestKind } from '../registry/index.ts';
import type { Tenants } from '../sharing/index.ts';
import type { Deps, Stage } from './question.ts';
import type { Visit } from './visit.ts';

/** What one image costs: its stages in milliseconds, its registry requests, its time in all. */
export type Watch = {
  readonly exchange: Exchange;
  /** Has the registry asked with these credentials from now on, before our own. */
  bring(credentials: Credentials): void;
  /** Runs a stage and reports its duration, also when it throws. */
  stage<T>(stage: Stage, work: () => T): T;
  readonly registryRequests: () => number;
  readonly durationMs: () => number;
};

/** Starts counting for one image. */
export function startWatch(deps: Deps, visit: Visit): Watch {
  const start = performance.now();
  const exchange = new WatchedExchange(deps, visit);
  return {
    exchange,
    bring: (credentials) => {
      exchange.credentials = credentials;
    },
    stage: (stage, work) => timed(deps, stage, work),
    registryRequests: () => exchange.requests,
    durationMs: () => Math.round((performance.now() - start) * 10) / 10,
  };
}

/** A class, because of what is asked for late: whoever does without the signal leaves the deadline without a timer. */
class WatchedExchange implements Exchange {
  readonly #deps: Deps;
  readonly #visit: Visit;
  requests = 0;
  credentials: Credentials | undefined;

  constructor(deps: Deps, visit: Visit) {
    this.#deps = deps;
    this.#visit = visit;
  }

  get signal(): AbortSignal {
    return this.#visit.deadline.signal;
  }

  get deadline(): number {
    return this.#visit.deadline.at;
  }

  get tenants(): Tenants {
    return this.#visit.tenants;
  }

  wait<T>(work: () => Promise<T>): Promise<T> {
    return this.#visit.wait(work);
  }

  readonly onRequest = (kind: RequestKind): void => {
    this.requests += 1;
    this.#deps.onRegistryRequest?.(kind);
  };
}

/** Runs a stage, synchronous or not, and observes how long it took. */
export function timed<T>(deps: Pick<Deps, 'observe'>, stage: Stage, work: () => T): T {
  const start = performance.now();
  let result: T;
  try {
    result = work();
  } catch (error) {
    deps.observe(stage, performance.now() - start);
    throw error;
  }
  if (result instanceof Promise) observeLater(result, deps, stage, start);
  else deps.observe(stage, performance.now() - start);
  return result;
}

function observeLater(
  result: Promise<unknown>,
  deps: Pick<Deps, 'observe'>,
  stage: Stage,
  start: number,
): void {
  const done = () => deps.observe(stage, performance.now() - start);
  result.then(done, done);
}
