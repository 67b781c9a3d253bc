// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import type { CompiledPolicy, Signer } from '../policy/index.ts';
import { hasWindow } from '../verify/key-window.ts';

/** The names of the trust roots without which signatures by the signers of these policies cannot be verified, sorted. */
export function neededRoots(policies: readonly CompiledPolicy[]): readonly string[] {
  const names = policies.flatMap(({ signers }) =>
    [...signers.values()].filter(needsRoot).map(({ trustRoot }) => trustRoot),
  );
  return [...new Set(names)].sort();
}

/**
 * The names of the trust roots that can change a verdict by these policies, sorted: those that are needed, and those by which
 * the time of a signature may be proved where a key has a window. Whoever leaves one out answers otherwise than who has all.
 */
export function usedRoots(policies: readonly CompiledPolicy[]): readonly string[] {
  const names = policies.flatMap(({ signers }) =>
    [...signers.values()].filter(hasKeyWindow).map(({ trustRoot }) => trustRoot),
  );
  return [...new Set([...neededRoots(policies), ...names])].sort();
}

function hasKeyWindow(signer: Signer): boolean {
  return signer.kind === 'key' && signer.keys.some(hasWindow);
}

/** A key is proof by itself, unless the policy demands that a log or a timestamp authority speaks for the signature too. */
function needsRoot({ kind, demands }: Signer): boolean {
  return kind === 'keyless' || demands.logEntries > 0 || demands.timestamps > 0;
}

/**
 * Checks that the Config has the trust roots that these policies need.
 *
 * @throws TRUST_ROOT_UNKNOWN, with a signer who wants each that is not there, and the names that there are
 */
export function checkNeededRoots(
  policies: readonly CompiledPolicy[],
  { trustRoots }: Pick<Config, 'trustRoots'>,
): void {
  const wanted = policies.flatMap((policy) =>
    [...policy.signers.values()].filter(needsRoot).map(({ name, trustRoot }) => ({
      trustRoot,
      by: `signer ${quote(name)} of policy ${quote(policy.name)}`,
    })),
  );
  const unknown = new Map<string, string>();
  for (const { trustRoot, by } of wanted) {
    if (!trustRoots.has(trustRoot) && !unknown.has(trustRoot)) unknown.set(trustRoot, by);
  }
  if (unknown.size === 0) return;
  const found = [...unknown].map(([root, by]) => `${by}: found the trust root ${quote(root)}`);
  throw unknownRoots(found.join('; '), trustRoots);
}

/**
 * Checks that the Config has trust roots of these names.
 *
 * @throws TRUST_ROOT_UNKNOWN, with the names that there are
 */
export function checkRootNames(names: readonly string[], { trustRoots }: Pick<Config, 'trustRoots'>): void {
  const unknown = names.filter((name) => !trustRoots.has(name)).map(quote);
  if (unknown.length === 0) return;
  throw unknownRoots(
    `found the trust root${unknown.length > 1 ? 's' : ''} ${unknown.join(', ')}`,
    trustRoots,
  );
}

function unknownRoots(found: string, trustRoots: Config['trustRoots']): CountersignError {
  const known = [...trustRoots.keys()].map(quote).join(', ');
  return new CountersignError('TRUST_ROOT_UNKNOWN', `${found}, wanted one of the Config: ${known}`);
}
