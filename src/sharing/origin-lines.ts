// SPDX-License-Identifier: Apache-2.0

import { LIMITS } from '../limits.ts';
import { createFairLine, type FairLine } from './fair-line.ts';
import { createPlaces, type Places } from './places.ts';
import type { Tenants } from './tenants.ts';

/** Lets requests to one origin wait for a connection, fairly by tenant: a slow answer holds one for seconds. */
export type OriginLines = {
  /**
   * A connection for somebody in this line; the function that comes back gives it up. It never comes where the
   * signal aborts first.
   * @throws the reason of the signal
   */
  enter(origin: string, tenants: Tenants, signal: AbortSignal): Promise<() => void>;
};

type Waiter = { readonly go: (tenant: string) => void };
type Origin = { readonly places: Places; readonly line: FairLine<Waiter> };

/** No origin yet; each has so many connections. */
export function createOriginLines(connections: number = LIMITS.connectionsPerOrigin): OriginLines {
  const origins = new Map<string, Origin>();

  return {
    async enter(name, tenants, signal) {
      signal.throwIfAborted();
      const origin = origins.get(name) ?? begin();
      origins.set(name, origin);
      const tenant = await waitIn(origin, tenants, signal);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        origin.places.give(tenant);
        callNext(origin);
        if (origin.places.taken === 0 && origins.get(name) === origin) origins.delete(name);
      };
    },
  };

  function begin(): Origin {
    const line = createFairLine<Waiter>(() => callNext(origin));
    const origin = { places: createPlaces(connections), line };
    return origin;
  }

  function waitIn(origin: Origin, tenants: Tenants, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      const go = (tenant: string) => {
        signal.removeEventListener('abort', abort);
        resolve(tenant);
      };
      const leave = origin.line.add({ go }, tenants);
      signal.addEventListener('abort', abort, { once: true });
      callNext(origin);
    });
  }

  /** Calls those for whom there is a connection. */
  function callNext({ places, line }: Origin): void {
    for (;;) {
      const next = line.next((tenant) => places.has(tenant));
      if (next === undefined) return;
      places.take(next.tenant);
      next.entry.go(next.tenant);
    }
  }
}
