// SPDX-License-Identifier: Apache-2.0

import { namesOwner } from './claim-owner.ts';
import type { KeylessSigner, TextTest } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { everybodyIn } from './lint-shared.ts';
import { signerFinding } from './lint-signer-finding.ts';

/** Subjects and an issuer that nobody meant, since there are no such hosts (RFC 2606 §2). */
const ANY_SUBJECTS = [
  'anybody@anything.invalid',
  'https://anything.invalid/anybody',
  'https://anything.invalid/anybody/anything/.github/workflows/anything.yaml@refs/heads/anything',
  'anything.invalid',
];
const ANY_ISSUERS = ['https://anything.invalid', 'https://anything.invalid/anything'];

/** The roads in that an identity opens: what it calls unsafe, what takes in everybody, and what it does not demand. */
export function lintIdentityRoads(signer: KeylessSigner): FindingAt[] {
  return [...lintUnsafe(signer), ...lintAnybody(signer), ...lintDemands(signer)];
}

function lintUnsafe(signer: KeylessSigner): FindingAt[] {
  const { name, unsafeAnySubject, unsafeAnyCaller, demands } = signer;
  const findings: FindingAt[] = [];
  const add = (keys: readonly string[], effect: string) =>
    findings.push(signerFinding('road-in', signer, keys, `signer ${name}: ${keys.at(-1)}, so ${effect}`));
  if (unsafeAnySubject) add(['keyless', 'unsafeAnySubject'], 'whoever the issuer knows may sign');
  if (unsafeAnyCaller) {
    add(['keyless', 'unsafeAnyCaller'], 'whoever calls the workflow, from any repository, may sign');
  }
  if (demands.unsafeNoTime)
    add(['unsafeNoTime'], 'nothing proves that the certificate was valid when it signed');
  return findings;
}

/** What is not called unsafe and says the same: `.*`, or all of one kind of name. A claim with the owner keeps others out. */
function lintAnybody(signer: KeylessSigner): FindingAt[] {
  const { name, issuer, subject, unsafeAnySubject, claims } = signer;
  const findings: FindingAt[] = [];
  const add = (key: string, { text }: TextTest, effect: string) => {
    const message = `signer ${name}: ${text} matches whatever stands there, so ${effect}`;
    findings.push(signerFinding('road-in', signer, ['keyless', key], message));
  };
  if (issuer.regexp && ANY_ISSUERS.some(issuer.matches)) {
    add('issuerRegexp', issuer, 'any issuer that the authority believes may vouch');
  }
  if (!unsafeAnySubject && !claims.some(namesOwner) && ANY_SUBJECTS.some(subject.matches)) {
    add(subject.regexp ? 'subjectRegexp' : 'subject', subject, 'whoever the issuer knows may sign');
  } else {
    findings.push(...lintEverybody(signer));
  }
  return findings;
}

/** A host is named, and it is everybody's. */
function lintEverybody(signer: KeylessSigner): FindingAt[] {
  const { name, subject } = signer;
  const everybody = everybodyIn(signer);
  if (everybody === undefined) return [];
  const message = `signer ${name}: ${subject.text} takes in ${everybody}, and no claim names an owner, so any of them may sign`;
  return [
    signerFinding('road-in', signer, ['keyless', subject.regexp ? 'subjectRegexp' : 'subject'], message),
  ];
}

function lintDemands(signer: KeylessSigner): FindingAt[] {
  const { name, demands } = signer;
  const findings: FindingAt[] = [];
  if (demands.logEntries === 0) {
    const message = `signer ${name}: log: none, so a signature counts that no transparency log shows`;
    findings.push(signerFinding('road-in', signer, ['log'], message));
  }
  if (demands.scts === 0) {
    const message = `signer ${name}: scts: 0, so a certificate counts that no certificate log shows`;
    findings.push(signerFinding('road-in', signer, ['scts'], message));
  }
  return findings;
}
