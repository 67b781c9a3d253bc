// SPDX-License-Identifier: Apache-2.0

import { abortReason } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { createFairLine, type FairLine } from './fair-line.ts';
import { createPlaces, type Places } from './places.ts';
import type { Tenants } from './tenants.ts';
import { type Waiter, waitInLine } from './wait-in-line.ts';

/** Lets requests to one origin wait for a connection, fairly by tenant: a slow answer holds one for seconds. */
export type OriginLines = {
  /**
   * A connection for somebody in this line; the function that comes back gives it up. It never comes where the
   * signal aborts first.
   * @throws the reason of the signal, CANCELLED where it has none of ours
   */
  enter(origin: string, tenants: Tenants, signal: AbortSignal): Promise<() => void>;
};

type Origin = { readonly places: Places; readonly line: FairLine<Waiter> };

/** No origin yet; each has so many connections. */
export function createOriginLines(connections: number = LIMITS.connectionsPerOrigin): OriginLines {
  const origins = new Map<string, Origin>();

  return {
    async enter(name, tenants, signal) {
      if (signal.aborted) throw abortReason(signal);
      const origin = origins.get(name) ?? begin();
      origins.set(name, origin);
      const turn = waitInLine(origin.line, {}, tenants, signal);
      callNext(origin);
      const tenant = await turn;
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
