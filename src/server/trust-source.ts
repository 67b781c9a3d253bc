// SPDX-License-Identifier: Apache-2.0
import type { CountersignError } from '../errors.ts';
import { loadTrustRoot, loadTrustRoots, snapshotOf } from '../trust/index.ts';
import type { TrustRoot, TrustRoots } from '../verify/index.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { openRepositories, type TrustOptions } from './trust-repositories.ts';
import { createTrustStates, type TrustRootState, type TrustStates } from './trust-states.ts';
import { type WatchTiming, watchFiles } from './watch-files.ts';

/** The trust roots in force. */
export type TrustSource = {
  /** One frozen snapshot; a request works on the one it began with. */
  current(): TrustRoots;
  state(): readonly TrustRootState[];
  /**
   * Loads those of these roots that Countersign brings along: for policies that are not in force yet.
   * @throws CountersignError TRUST_ROOT_MISSING
   */
  use(names: readonly string[]): void;
  close(): void;
};

type Surroundings = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly timing?: WatchTiming | undefined;
};

/**
 * Loads the trust roots of the Config, those of files again when these change, and those of TUF repositories when they are
 * refreshed, beside the requests. What is broken or cannot be fetched leaves the old ones in force and says so.
 * What Countersign brings along is loaded only where it is used: it costs 10 ms and 2 MB, and nothing in the Config can be wrong with it.
 *
 * @param used the names of those that the policies use
 * @throws CountersignError TRUST_ROOT_INVALID, TRUST_ROOT_MISSING, FILE_UNREADABLE: at the start nothing is in force that could stay
 */
export function watchTrust(
  options: TrustOptions,
  used: readonly string[],
  { log, metrics, clock, timing }: Surroundings,
): TrustSource {
  const { config } = options;
  const states = createTrustStates(clock);
  const names = [...config.trustRoots].flatMap(([name, { kind }]) =>
    kind === 'file' || kind === 'files' ? [name] : [],
  );
  const broughtAlong = createBroughtAlong(config, states);

  function loaded({ roots }: TrustRoots): void {
    for (const name of roots.keys()) states.succeeded(name);
    replace();
  }

  function failed({ code, message }: CountersignError): void {
    for (const name of names) states.failed(name);
    metrics.trustReloaded('error');
    log.error({ code, problem: message }, 'the new trust roots are broken, the old ones stay in force');
  }

  function combine(previous?: TrustRoots): TrustRoots {
    const onDisk = watched.current().roots.values();
    const next = snapshotOf([...onDisk, ...broughtAlong.roots(), ...repositories.roots()], previous);
    metrics.trustReloaded('ok');
    const roots = [...next.roots.values()].map(({ name, fingerprint }) => ({ name, fingerprint }));
    log.info({ fingerprint: next.fingerprint, roots }, 'trust roots loaded');
    return next;
  }

  function replace(): void {
    snapshot = combine(snapshot);
  }

  broughtAlong.load(used);
  const repositories = openRepositories(options, { log, metrics, clock, states, changed: replace });
  const watched = watchFiles((files) => loadTrustRoots(config, { names, files }), { loaded, failed }, timing);
  for (const name of watched.current().roots.keys()) states.succeeded(name);
  let snapshot = combine();
  repositories.follow();
  const source: TrustSource = {
    current: () => snapshot,
    state: () => [...snapshot.roots.values()].map(states.of),
    use(wanted) {
      if (broughtAlong.load(wanted)) replace();
    },
    close() {
      watched.close();
      repositories.close();
    },
  };
  metrics.followTrust(source.state);
  return source;
}

/** The roots of the Config that Countersign brings along: none of them yet. */
function createBroughtAlong({ trustRoots }: TrustOptions['config'], states: TrustStates) {
  const loaded = new Map<string, TrustRoot>();
  return {
    roots: () => loaded.values(),
    /** Loads those of these names; answers whether there are more than before. */
    load(names: readonly string[]): boolean {
      const before = loaded.size;
      for (const name of names) {
        const from = trustRoots.get(name);
        if (from?.kind !== 'publicGood' || loaded.has(name)) continue;
        // Without the cache: what `trust update` kept on one node must not make one replica trust what another does not.
        const root = loadTrustRoot(name, from, {});
        if (root === undefined) continue;
        loaded.set(name, root);
        states.succeeded(name);
      }
      return loaded.size > before;
    },
  };
}
