// SPDX-License-Identifier: Apache-2.0
import type { CompiledPolicy, Signer, VerificationKey } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { formatPath } from './issue.ts';
import { lintKeyless } from './lint-keyless.ts';
import { requirementsOf, signersIn } from './signers-in.ts';
import { daysBetween, formatDay } from './time.ts';

const SOON_DAYS = 30;

/** Signers that nobody asks for, keys that are there twice, key windows that are over or soon will be, and identities. */
export function lintSigners(policy: CompiledPolicy, now: number): FindingAt[] {
  return [
    ...lintUnused(policy),
    ...lintSharedKeys(policy),
    ...lintWindows(policy, now),
    ...lintKeyless(policy),
  ];
}

function lintUnused(policy: CompiledPolicy): FindingAt[] {
  const used = new Set(policy.rules.flatMap(requirementsOf).flatMap(signersIn));
  return [...policy.signers.values()]
    .filter((signer) => !used.has(signer))
    .map((signer) => warning(signer, `no rule requires signer ${signer.name}`));
}

/** One key speaks for one name; where two names have it, the author may count on two. */
function lintSharedKeys(policy: CompiledPolicy): FindingAt[] {
  const first = new Map<string, Signer>();
  const findings: FindingAt[] = [];
  for (const signer of policy.signers.values()) {
    const own = new Set<string>();
    for (const key of keysOf(signer)) {
      const holder = first.get(key.fingerprint);
      if (own.has(key.fingerprint)) {
        findings.push(warning(signer, `signer ${signer.name} has the key ${key.source} twice`));
      } else if (holder !== undefined) {
        findings.push(warning(signer, sharedMessage(signer, holder, key)));
      } else {
        first.set(key.fingerprint, signer);
      }
      own.add(key.fingerprint);
    }
  }
  return findings;
}

function sharedMessage(signer: Signer, holder: Signer, key: VerificationKey): string {
  return (
    `signer ${signer.name} has the same key as ${holder.name} (${key.source}): ` +
    'one signature counts for one of them, so together they cannot satisfy atLeast'
  );
}

function lintWindows(policy: CompiledPolicy, now: number): FindingAt[] {
  return [...policy.signers.values()].flatMap((signer) => {
    const keys = keysOf(signer);
    if (keys.length > 0 && keys.every((key) => isOver(key, now))) {
      return [warning(signer, `every key of signer ${signer.name} is past its notAfter`)];
    }
    return keys.flatMap((key) => lintWindow(signer, key, now));
  });
}

function lintWindow(signer: Signer, key: VerificationKey, now: number): FindingAt[] {
  if (key.notAfter === undefined || isOver(key, now)) return [];
  const days = daysBetween(now, key.notAfter);
  if (days > SOON_DAYS) return [];
  const message = `signer ${signer.name}: the key ${key.source} is trusted until ${formatDay(key.notAfter)} only`;
  return [warning(signer, message)];
}

function isOver(key: VerificationKey, now: number): boolean {
  return key.notAfter !== undefined && now > key.notAfter;
}

function warning(signer: Signer, message: string): FindingAt {
  return { level: 'warning', path: formatPath(['signers', signer.name]), message };
}

function keysOf(signer: Signer): readonly VerificationKey[] {
  return signer.kind === 'key' ? signer.keys : [];
}
