// SPDX-License-Identifier: Apache-2.0
import type { CountersignError } from '../errors.ts';
import { loadTrustRoots, snapshotOf } from '../trust/index.ts';
import type { TrustRoots } from '../verify/index.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { openRepositories, type TrustOptions } from './trust-repositories.ts';
import { createTrustStates, type TrustRootState } from './trust-states.ts';
import { type WatchTiming, watchFiles } from './watch-files.ts';

/** The trust roots in force. */
export type TrustSource = {
  /** One frozen snapshot; a request works on the one it began with. */
  current(): TrustRoots;
  state(): readonly TrustRootState[];
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
 *
 * @throws CountersignError TRUST_ROOT_INVALID, FILE_UNREADABLE: at the start nothing is in force that could stay
 */
export function watchTrust(
  options: TrustOptions,
  { log, metrics, clock, timing }: Surroundings,
): TrustSource {
  const { config } = options;
  const states = createTrustStates(clock);
  const names = [...config.trustRoots].flatMap(([name, { kind }]) => (kind === 'tuf' ? [] : [name]));

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
    const next = snapshotOf([...watched.current().roots.values(), ...repositories.roots()], previous);
    metrics.trustReloaded('ok');
    const roots = [...next.roots.values()].map(({ name, fingerprint }) => ({ name, fingerprint }));
    log.info({ fingerprint: next.fingerprint, roots }, 'trust roots loaded');
    return next;
  }

  function replace(): void {
    snapshot = combine(snapshot);
  }

  const repositories = openRepositories(options, { log, metrics, clock, states, changed: replace });
  // Without the cache: what `trust update` kept on one node must not make one replica trust what another does not.
  const watched = watchFiles((files) => loadTrustRoots(config, { names, files }), { loaded, failed }, timing);
  for (const name of watched.current().roots.keys()) states.succeeded(name);
  let snapshot = combine();
  repositories.follow();
  const source: TrustSource = {
    current: () => snapshot,
    state: () => [...snapshot.roots.values()].map(states.of),
    close() {
      watched.close();
      repositories.close();
    },
  };
  metrics.followTrust(source.state);
  return source;
}
