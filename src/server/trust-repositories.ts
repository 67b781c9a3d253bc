// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/index.ts';
import type { CountersignError } from '../errors.ts';
import type { BackoffTiming } from '../kubernetes/index.ts';
import type { FileClient } from '../registry/index.ts';
import { loadTrustRoot, type Refreshed, type TufSource, tufSourceOf } from '../trust/index.ts';
import type { TrustRoot } from '../verify/index.ts';
import { keepFresh } from './keep-fresh.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { TrustStates } from './trust-states.ts';

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
  readonly states: TrustStates;
  /** Called when a root is another than before; must not throw. */
  readonly changed: () => void;
};

/** The trust roots of TUF repositories. */
type Repositories = {
  /** What was kept of each, or fetched since. */
  roots(): Iterable<TrustRoot>;
  /** Refreshes them beside the requests, until they are closed. */
  follow(): void;
  close(): void;
};

/**
 * Begins with what was kept of the TUF repositories of the Config, and asks none of them yet.
 *
 * @throws CountersignError FILE_UNREADABLE for root metadata that trust should begin with
 */
export function openRepositories(
  { config, cacheFolder, client, backoff }: TrustOptions,
  { log, metrics, clock, states, changed }: Surroundings,
): Repositories {
  const sources: TufSource[] = [];
  const roots = new Map<string, TrustRoot>();
  const refreshers: { close(): void }[] = [];

  function refreshed(name: string, { root, changed: isOther, kept, versions }: Refreshed): void {
    states.succeeded(name);
    metrics.trustRefreshed(name, 'ok');
    const found = { root: name, changed: isOther, kept, versions: Object.fromEntries(versions) };
    log.info(found, 'trust root refreshed');
    const before = roots.get(name)?.fingerprint;
    roots.set(name, root);
    if (before !== root.fingerprint) changed();
  }

  function failed(name: string, { code, message: problem }: CountersignError): void {
    states.failed(name);
    metrics.trustRefreshed(name, 'error');
    log.warn({ root: name, code, problem }, 'a trust root could not be refreshed, the old one stays');
  }

  for (const [name, from] of config.trustRoots) {
    const source = from.kind === 'tuf' ? tufSourceOf(name, from, { cacheFolder }) : undefined;
    if (source === undefined) continue;
    sources.push(source);
    metrics.trustRefreshable(name);
    const kept = loadTrustRoot(name, from, { cacheFolder });
    if (kept === undefined) continue;
    roots.set(name, kept);
    states.succeeded(name, source.store.read()?.refreshedAt ?? clock());
  }
  return {
    roots: () => roots.values(),
    follow() {
      if (client === undefined) return;
      for (const source of sources) {
        const told = {
          refreshed: (result: Refreshed) => refreshed(source.name, result),
          failed: (error: CountersignError) => failed(source.name, error),
        };
        refreshers.push(keepFresh(source, { client, clock, backoff }, told));
      }
    },
    close() {
      for (const refresher of refreshers) refresher.close();
    },
  };
}
