// SPDX-License-Identifier: Apache-2.0
import type { Demands, KeylessSigner, Signer } from './compiled-policy.ts';
import { describeIssuer, describeSubject, describeTest } from './identity-match.ts';

/**
 * What a signer is known by and what it demands beside its signature, in plain words; empty for a signer that is known by keys and
 * demands nothing.
 */
export function describeSigner(signer: Signer): string {
  const demands = describeDemands(signer.demands);
  if (signer.kind === 'key' && demands === '') return '';
  const root = signer.trustRoot === 'default' ? '' : ` by trust root ${signer.trustRoot}`;
  if (signer.kind === 'key') return `${signer.name} needs ${demands}${root}`;
  const needs = demands === '' ? 'a certificate' : `a certificate, ${demands}`;
  return `${signer.name} is ${describeIdentity(signer)}, and needs ${needs}${root}`;
}

/** Of issuer, subject and claims what must be so. */
function describeIdentity(signer: KeylessSigner): string {
  const claims = signer.claims.map((claim) => `${claim.name} ${describeTest(claim)}`);
  const and = claims.length === 0 ? '' : ` with ${claims.join(' and ')}`;
  return `${describeSubject(signer)} of issuer ${describeIssuer(signer)}${and}`;
}

function describeDemands({ logEntries, timestamps, scts, unsafeNoTime }: Demands): string {
  const parts = [
    number(logEntries, 'log entry', 'log entries'),
    number(timestamps, 'timestamp', 'timestamps'),
    number(scts, 'SCT', 'SCTs'),
    unsafeNoTime ? 'valid now (unsafeNoTime)' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function number(count: number, one: string, several: string): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : several}`;
}
