// SPDX-License-Identifier: Apache-2.0
import { loadPolicies } from '../config/load-policies.ts';
import type { CountersignError } from '../errors.ts';
import { type CompiledPolicy, PolicyError } from '../policy/index.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type WatchTiming, watchFiles } from './watch-files.ts';

/** The policies in force. */
export type PolicySource = {
  /** One frozen snapshot; a request works on the one it began with. */
  current(): readonly CompiledPolicy[];
  /** When the snapshot was loaded, in milliseconds since the epoch, and whether newer documents are broken. */
  state(): { readonly loadedAt: number; readonly lastReload: 'ok' | 'error' };
  close(): void;
};

type Surroundings = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly timing?: WatchTiming | undefined;
};

/**
 * Loads the policies of these files and folders, and again when one of them or a key file changes. A broken new
 * document leaves the whole old snapshot in force and says so in log and metric.
 *
 * @throws PolicyError POLICY_INVALID, FILE_UNREADABLE: at the start nothing is in force that could stay
 */
export function watchPolicies(
  paths: readonly string[],
  { log, metrics, clock, timing }: Surroundings,
): PolicySource {
  let loadedAt = 0;
  let lastReload: 'ok' | 'error' = 'ok';

  function loaded(policies: readonly CompiledPolicy[]): void {
    loadedAt = clock();
    lastReload = 'ok';
    metrics.policiesLoaded(loadedAt);
    log.info({ policies: policies.map(nameOf) }, 'policies loaded');
  }

  function failed(error: CountersignError): void {
    lastReload = 'error';
    metrics.policiesFailed();
    logIssues(log, error);
    log.error({ code: error.code }, 'the new policies are broken, the old ones stay in force');
  }

  const watched = watchFiles((files) => loadPolicies(paths, files), { loaded, failed }, timing);
  loaded(watched.current());
  return {
    current: watched.current,
    state: () => ({ loadedAt, lastReload }),
    close: watched.close,
  };
}

function nameOf({ name, source, fingerprint }: CompiledPolicy) {
  return { name, source, fingerprint };
}

/** One line per issue. Its text is in `problem`: the message of a line says what kind of line it is. */
function logIssues(log: Log, error: CountersignError): void {
  const { code } = error;
  if (!(error instanceof PolicyError)) {
    log.error({ code, problem: error.message }, 'policy error');
    return;
  }
  for (const { message, ...place } of error.issues) {
    log.error({ code, ...place, problem: message }, 'policy error');
  }
}
