// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/index.ts';
import type { CountersignError } from '../errors.ts';
import type { BackoffTiming } from '../kubernetes/index.ts';
import type { FileClient } from '../registry/index.ts';
import {
  loadTrustRoot,
  loadTrustRoots,
  type Refreshed,
  snapshotOf,
  type TufSource,
  tufSourceOf,
} from '../trust/index.ts';
import { nextExpiry, type TrustRoot, type TrustRoots } from '../verify/index.ts';
import { keepFresh } from './keep-fresh.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type WatchTiming, watchFiles } from './watch-files.ts';

/** How one trust root is, for the probe and the metrics. Times are milliseconds since the epoch. */
type TrustRootState = {
  readonly name: string;
  /** When it was loaded from disk, or last confirmed by its repository. */
  readonly loadedAt: number;
  /** The first end of a log, an authority or a certificate that is not past; `undefined`: nothing ends. */
  readonly nextExpiry: number | undefined;
  /** What came of the latest load or refresh. */
  readonly lastRefresh: 'ok' | 'error';
};

/** The trust roots in force. */
export type TrustSource = {
  /** One frozen snapshot; a request works on the one it began with. */
  current(): TrustRoots;
  state(): readonly TrustRootState[];
  close(): void;
};

/** Where trust roots come from, and what they are fetched with. */
export type TrustOptions = {
  readonly config: Pick<Config, 'trustRoots'>;
  /** Where roots of TUF repositories are kept; absent: in memory. */
  readonly cacheFolder?: string | undefined;
  /** Asked for TUF repositories; needed where the Config names one. */
  readonly client?: FileClient | undefined;
  /** Pauses after a refresh that failed. */
  readonly backoff?: BackoffTiming | undefined;
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
  const { config, cacheFolder, client } = options;
  const sources = tufSources(options);
  const fetched = new Map<string, TrustRoot>();
  const loadedAt = new Map<string, number>();
  const broken = new Set<string>();
  const names = [...config.trustRoots.keys()].filter((name) => !sources.has(name));
  // Without the cache: what `trust update` kept on one node must not make one replica trust what another does not.
  const watched = watchFiles((files) => loadTrustRoots(config, { names, files }), { loaded, failed }, timing);
  let snapshot: TrustRoots | undefined;

  function loaded({ roots }: TrustRoots): void {
    for (const name of roots.keys()) succeeded(name);
    replace();
  }

  function failed({ code, message }: CountersignError): void {
    for (const name of names) broken.add(name);
    metrics.trustReloaded('error');
    log.error({ code, problem: message }, 'the new trust roots are broken, the old ones stay in force');
  }

  function succeeded(name: string, at = clock()): void {
    broken.delete(name);
    loadedAt.set(name, at);
  }

  function replace(): void {
    snapshot = snapshotOf([...watched.current().roots.values(), ...fetched.values()], snapshot);
    metrics.trustReloaded('ok');
    const roots = [...snapshot.roots.values()].map(({ name, fingerprint }) => ({ name, fingerprint }));
    log.info({ fingerprint: snapshot.fingerprint, roots }, 'trust roots loaded');
  }

  function refreshed(name: string, { root, changed, kept, versions }: Refreshed): void {
    succeeded(name);
    metrics.trustRefreshed(name, 'ok');
    log.info({ root: name, changed, kept, versions: Object.fromEntries(versions) }, 'trust root refreshed');
    const before = fetched.get(name)?.fingerprint;
    fetched.set(name, root);
    if (before !== root.fingerprint) replace();
  }

  function refreshFailed(name: string, { code, message }: CountersignError): void {
    broken.add(name);
    metrics.trustRefreshed(name, 'error');
    log.warn(
      { root: name, code, problem: message },
      'a trust root could not be refreshed, the old one stays',
    );
  }

  for (const [name, from] of config.trustRoots) {
    const kept = sources.has(name) ? loadTrustRoot(name, from, { cacheFolder }) : undefined;
    if (kept === undefined) continue;
    fetched.set(name, kept);
    loadedAt.set(name, sources.get(name)?.store.read()?.refreshedAt ?? clock());
  }
  loaded(watched.current());
  const refreshers = [...sources].flatMap(([name, source]) =>
    client === undefined
      ? []
      : keepFresh(
          source,
          { client, clock, backoff: options.backoff },
          {
            refreshed: (result) => refreshed(name, result),
            failed: (error) => refreshFailed(name, error),
          },
        ),
  );

  const source: TrustSource = {
    current: () => snapshot ?? watched.current(),
    state: () =>
      [...source.current().roots.values()].map((root) => ({
        name: root.name,
        loadedAt: loadedAt.get(root.name) ?? 0,
        nextExpiry: nextExpiry(root, clock()),
        lastRefresh: broken.has(root.name) ? 'error' : 'ok',
      })),
    close() {
      watched.close();
      for (const refresher of refreshers) refresher.close();
    },
  };
  metrics.followTrust(source.state);
  for (const name of sources.keys()) metrics.trustRefreshable(name);
  return source;
}

function tufSources({ config, cacheFolder }: TrustOptions): ReadonlyMap<string, TufSource> {
  const entries = [...config.trustRoots].flatMap(([name, from]) => {
    const source = from.kind === 'tuf' ? tufSourceOf(name, from, { cacheFolder }) : undefined;
    return source === undefined ? [] : [[name, source] as const];
  });
  return new Map(entries);
}
