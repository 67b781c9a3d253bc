// SPDX-License-Identifier: Apache-2.0

/**
 * For whom a piece of work is done: the namespaces of those who wait for it, of which more may come while it is
 * under way. Work that is shared stands in the line of each of them, so that nobody waits in another's line.
 */
export type Tenants = {
  readonly names: ReadonlySet<string>;
  /** Tells of each name that comes later; the function that is returned ends that. */
  onJoin(listener: (name: string) => void): () => void;
};

/** Tenants that others can join. */
export type SharedTenants = Tenants & {
  /** Takes in those of others, and whoever comes to those later until the function that is returned is called. */
  join(others: Tenants): () => void;
};

/** One tenant, for good. */
export function tenant(name: string): Tenants {
  return { names: new Set([name]), onJoin: () => () => {} };
}

/** Who asks in nobody's name: a program, a command line. */
export const NO_NAMESPACE: Tenants = tenant('');

/** Nobody yet. */
export function createSharedTenants(): SharedTenants {
  const names = new Set<string>();
  const listeners = new Set<(name: string) => void>();
  const add = (name: string) => {
    if (names.has(name)) return;
    names.add(name);
    for (const listener of listeners) listener(name);
  };
  return {
    names,
    onJoin(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    join(others) {
      for (const name of others.names) add(name);
      return others.onJoin(add);
    },
  };
}
