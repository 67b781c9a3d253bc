// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../registry/index.ts';
import type { Deadline } from './deadline.ts';
import type { Deps, Stage } from './question.ts';

/** What one image costs: its stages in milliseconds, its registry requests, its time in all. */
export type Watch = {
  readonly exchange: Exchange;
  /** Runs a stage and reports its duration, also when it throws. */
  stage<T>(stage: Stage, work: () => T): T;
  readonly registryRequests: number;
  readonly durationMs: number;
};

/** Starts counting for one image. */
export function startWatch(deps: Deps, deadline: Deadline): Watch {
  const start = performance.now();
  let requests = 0;
  const exchange: Exchange = {
    signal: deadline.signal,
    deadline: deadline.at,
    onRequest: (kind) => {
      requests += 1;
      deps.onRegistryRequest?.(kind);
    },
  };
  return {
    exchange,
    stage: (stage, work) => timed(deps, stage, work),
    get registryRequests() {
      return requests;
    },
    get durationMs() {
      return Math.round((performance.now() - start) * 10) / 10;
    },
  };
}

/** Runs a stage, synchronous or not, and observes how long it took. */
export function timed<T>(deps: Pick<Deps, 'observe'>, stage: Stage, work: () => T): T {
  const start = performance.now();
  const done = () => deps.observe(stage, performance.now() - start);
  let result: T;
  try {
    result = work();
  } catch (error) {
    done();
    throw error;
  }
  if (result instanceof Promise) result.then(done, done);
  else done();
  return result;
}
