// SPDX-License-Identifier: Apache-2.0

import { abortReason } from '../errors.ts';
import { createSharedFlights, type Exchange } from '../registry/index.ts';
import { NO_NAMESPACE } from '../sharing/index.ts';

/** Runs `work` once for all who ask for the same key at the same time, and gives each of them its result. */
export type Flights<T> = (
  key: string,
  exchange: Exchange,
  work: (shared: Exchange) => Promise<T>,
) => Promise<T>;

/**
 * An empty set of flights; keys must hold everything that the result depends on (credential included).
 *
 * A flight lives as long as its longest waiter: one that gives up (deadline, caller gone) leaves alone,
 * without failing the others, and only the last to leave aborts the work. Nothing is remembered after landing;
 * that is the caches' part. Requests count for who started the flight. All of it is waiting, for those who start and
 * for those who join, and none of them is let in past the bounds of `exchange.wait`.
 */
export function createFlights<T>(): Flights<T> {
  const flights = createSharedFlights<T>();
  return (key, exchange, work) =>
    exchange.wait === undefined ? join(key, exchange, work) : exchange.wait(() => join(key, exchange, work));

  function join(key: string, exchange: Exchange, work: (shared: Exchange) => Promise<T>): Promise<T> {
    const { signal } = exchange;
    if (signal.aborted) return Promise.reject(abortReason(signal));
    const scope = {
      signal,
      deadline: () => exchange.deadline,
      count: exchange.onRequest ?? (() => {}),
      tenants: exchange.tenants ?? NO_NAMESPACE,
    };
    return flights(key, scope, (shared) =>
      work({
        signal: shared.signal,
        // Read anew at each use: whoever joins later with more time gives the work more time.
        get deadline() {
          return shared.deadline();
        },
        onRequest: shared.count,
        // The same for all who wait: they are part of the key.
        credentials: exchange.credentials,
        tenants: shared.tenants,
      }),
    );
  }
}
