// SPDX-License-Identifier: Apache-2.0
import type { Files } from '../config/files.ts';
import { loadPolicies } from '../config/load-policies.ts';
import type { Code, CountersignError } from '../errors.ts';
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
  /** Whether anybody can say which labels a Namespace has. */
  readonly namespaceLabelsKnown: boolean;
  /** Throws for policies that cannot be used here: one that names a trust root which there is not. */
  readonly check?: (policies: readonly CompiledPolicy[]) => void;
  readonly timing?: WatchTiming | undefined;
};

/**
 * Loads the policies of these files and folders, and again when one of them or a key file changes. A broken new
 * document leaves the whole old snapshot in force and says so in log and metric. Each load warns of rules that
 * cannot be decided for want of namespace labels.
 *
 * @throws PolicyError POLICY_INVALID, FILE_UNREADABLE, and what `check` throws: at the start nothing is in force that could stay
 */
export function watchPolicies(
  paths: readonly string[],
  { log, metrics, clock, namespaceLabelsKnown, check = () => {}, timing }: Surroundings,
): PolicySource {
  let loadedAt = 0;
  let lastReload: 'ok' | 'error' = 'ok';

  function loaded(policies: readonly CompiledPolicy[]): void {
    loadedAt = clock();
    lastReload = 'ok';
    metrics.policiesLoaded(loadedAt);
    log.info({ policies: policies.map(nameOf) }, 'policies loaded');
    if (!namespaceLabelsKnown) warnOfLabels(log, policies);
  }

  function failed(error: CountersignError): void {
    lastReload = 'error';
    metrics.policiesFailed();
    logIssues(log, error);
    log.error({ code: error.code }, 'the new policies are broken, the old ones stay in force');
  }

  function load(files: Files): readonly CompiledPolicy[] {
    const policies = loadPolicies(paths, files);
    check(policies);
    return policies;
  }

  const watched = watchFiles(load, { loaded, failed }, timing);
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

/** Such a rule denies what it is about, on this server only: who wrote it tried it with the commands, which know. */
function warnOfLabels(log: Log, policies: readonly CompiledPolicy[]): void {
  const rules = policies.flatMap((policy) =>
    policy.rules.flatMap(({ name, namespaceLabels }, index) => {
      const line = policy.lines.get(`rules[${index}]`);
      return namespaceLabels === undefined
        ? []
        : [{ policy: policy.name, rule: name, file: policy.source, line }];
    }),
  );
  if (rules.length === 0) return;
  const problem =
    'without access to the API server the labels of Namespaces are not known: what these rules are about is inconclusive';
  const code: Code = 'NAMESPACE_LABELS_UNKNOWN';
  log.warn({ code, problem, rules }, 'rules by namespaceLabels cannot be decided here');
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
