// SPDX-License-Identifier: Apache-2.0
import { createSharedTenants, type SharedTenants } from '../sharing/index.ts';
import { orAborted, type Scope } from './exchange.ts';

/** Runs work once for all who want the same at the same time. */
export type SharedFlights<T> = (key: string, scope: Scope, work: (shared: Scope) => Promise<T>) => Promise<T>;

type Flight<T> = {
  readonly result: Promise<T>;
  readonly waiters: Set<Scope>;
  readonly abort: AbortController;
  readonly tenants: SharedTenants;
};

/**
 * An empty set of flights. A waiter that gives up leaves alone; the last to leave ends the work. The shared
 * scope has the latest deadline of those who wait, stands in the lines of all of them, and counts for who began.
 * Nothing is kept after landing.
 */
export function createSharedFlights<T>(): SharedFlights<T> {
  const underway = new Map<string, Flight<T>>();

  return async (key, scope, work) => {
    const flight = underway.get(key) ?? begin(key, scope, work);
    flight.waiters.add(scope);
    const unjoin = flight.tenants.join(scope.tenants);
    try {
      return await orAborted(flight.result, scope.signal);
    } finally {
      unjoin();
      flight.waiters.delete(scope);
      if (flight.waiters.size === 0) end(key, flight);
    }
  };

  function begin(key: string, leader: Scope, work: (shared: Scope) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    // The leader waits from the start: work that looks at the deadline at once must find one.
    const waiters = new Set<Scope>([leader]);
    const deadline = () => Math.max(...[...waiters].map((waiter) => waiter.deadline()));
    const tenants = createSharedTenants();
    const unjoin = tenants.join(leader.tenants);
    const shared = { signal: abort.signal, deadline, count: leader.count, tenants };
    const flight = { result: work(shared), waiters, abort, tenants };
    // From here on it stands there as one who waits.
    unjoin();
    // Every waiter may be gone when the work fails.
    flight.result.catch(() => {});
    underway.set(key, flight);
    return flight;
  }

  function end(key: string, flight: Flight<T>): void {
    if (underway.get(key) === flight) underway.delete(key);
    flight.abort.abort(new Error('nobody waits for it any more'));
  }
}
