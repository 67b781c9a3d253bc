// SPDX-License-Identifier: Apache-2.0
import { Gauge, type Registry } from 'prom-client';
import { counter } from './tallies.ts';

type Result = 'ok' | 'error';

/** What there is to say of one trust root; times are milliseconds since the epoch. */
type State = { readonly name: string; readonly loadedAt: number; readonly nextExpiry: number | undefined };

/** What is counted of trust roots. The names of roots are those of the Config. */
export type TrustMetrics = {
  trustReloaded(result: Result): void;
  /** Has the series of a root that is refreshed from now on, at zero. */
  trustRefreshable(root: string): void;
  trustRefreshed(root: string, result: Result): void;
  /** Asked for each scrape. */
  followTrust(state: () => readonly State[]): void;
};

/** Metrics of trust roots, without any root. */
export function trustMetrics(register: Registry): TrustMetrics {
  let stateOf: () => readonly State[] = () => [];
  const reloads = counter(
    register,
    'countersign_trust_reloads_total',
    'Loads of the trust roots; after an error the old ones stay in force.',
    'result',
  );
  const refreshes = counter(
    register,
    'countersign_trust_refreshes_total',
    'Refreshes of trust roots from TUF repositories; after an error the old one stays in force.',
    'root',
    'result',
  );
  gauge(
    register,
    'loaded',
    'When a trust root was loaded, or confirmed by its repository.',
    (root) => root.loadedAt,
  );
  gauge(
    register,
    'next_expiry',
    'When the next log, authority or certificate of a trust root ends.',
    (root) => root.nextExpiry,
  );
  for (const result of ['ok', 'error']) reloads.of(result);

  function gauge(
    registers: Registry,
    what: string,
    help: string,
    momentOf: (root: State) => number | undefined,
  ): void {
    new Gauge({
      name: `countersign_trust_root_${what}_timestamp_seconds`,
      help,
      labelNames: ['root'],
      registers: [registers],
      collect() {
        this.reset();
        for (const root of stateOf()) {
          const moment = momentOf(root);
          if (moment !== undefined) this.set({ root: root.name }, moment / 1000);
        }
      },
    });
  }

  return {
    trustReloaded(result) {
      reloads.of(result).count += 1;
    },
    trustRefreshable(root) {
      for (const result of ['ok', 'error']) refreshes.of(root, result);
    },
    trustRefreshed(root, result) {
      refreshes.of(root, result).count += 1;
    },
    followTrust(state) {
      stateOf = state;
    },
  };
}
