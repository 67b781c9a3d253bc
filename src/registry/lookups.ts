// SPDX-License-Identifier: Apache-2.0

import { AsyncLocalStorage } from 'node:async_hooks';
import type { LookupFunction } from 'node:net';
import { LIMITS } from '../limits.ts';
import { createOriginLines, NO_NAMESPACE, type Tenants } from '../sharing/index.ts';

/** Looks names up, fairly by tenant. */
export type Lookups = {
  readonly lookup: LookupFunction;
  /** Does the work in the name of these tenants: what it looks up, it looks up in their lines. */
  for<T>(tenants: Tenants, work: () => T): T;
};

/**
 * A look-up takes a thread of few until a name server has answered, or for half a minute where none does, and nothing ends it.
 * Images may name any host. So {@link LIMITS}.lookups are made at a time, half of them for one namespace. Who has waited
 * for `waitMs` is told so.
 */
export function createLookups(lookup: LookupFunction, waitMs: number): Lookups {
  const asking = new AsyncLocalStorage<Tenants>();
  const lines = createOriginLines(LIMITS.lookups);
  return {
    for: (tenants, work) => asking.run(tenants, work),
    lookup(hostname, options, callback) {
      const tenants = asking.getStore() ?? NO_NAMESPACE;
      lines.enter('', tenants, AbortSignal.timeout(waitMs)).then(
        (leave) =>
          lookup(hostname, options, (...found) => {
            leave();
            callback(...found);
          }),
        () => callback(tooMany(hostname), []),
      );
    },
  };
}

function tooMany(hostname: string): NodeJS.ErrnoException {
  const error = new Error(`${hostname} was not looked up in time: others are still`);
  return Object.assign(error, { code: 'ETIMEDOUT' });
}
