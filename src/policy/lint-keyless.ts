// SPDX-License-Identifier: Apache-2.0
import type { CompiledPolicy, KeylessSigner, TextTest } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { wantsNoIssuer } from './issuer.ts';
import { lintGithub } from './lint-github.ts';
import { lintIdentityRoads } from './lint-identity-roads.ts';
import { lintOpenEnds } from './lint-open-ends.ts';
import { signerFinding } from './lint-signer-finding.ts';

/** What identities let in beyond the defaults, what GitHub's leave open, and what is probably a mistake in them. */
export function lintKeyless(policy: CompiledPolicy): FindingAt[] {
  const signers = [...policy.signers.values()].filter((signer) => signer.kind === 'keyless');
  return [
    ...signers.flatMap((signer) => [
      ...lintIdentityRoads(signer),
      ...lintGithub(signer),
      ...lintOpenEnds(signer),
      ...lintNoIssuer(signer),
    ]),
    ...lintSameIdentities(signers),
  ];
}

function lintNoIssuer(signer: KeylessSigner): FindingAt[] {
  if (signer.trustRoot !== 'default' || !wantsNoIssuer(signer.issuer)) return [];
  const message =
    'issuer none: certificates of Fulcio all name an issuer; name the trustRoot of the authority whose certificates do not';
  return [signerFinding('warning', signer, ['keyless', 'issuer'], message)];
}

/** One identity is one signer; where two names have it, the author may count on two. */
function lintSameIdentities(signers: readonly KeylessSigner[]): FindingAt[] {
  const first = new Map<string, KeylessSigner>();
  return signers.flatMap((signer) => {
    const identity = identityText(signer);
    const holder = first.get(identity);
    if (holder === undefined) first.set(identity, signer);
    const message =
      `signer ${signer.name} has the same identity as ${holder?.name}: ` +
      'one signature counts for one of them, so together they cannot satisfy atLeast';
    return holder === undefined ? [] : [signerFinding('warning', signer, [], message)];
  });
}

function identityText({ trustRoot, issuer, subject, claims }: KeylessSigner): string {
  const written = ({ text, regexp }: TextTest) => [text, regexp];
  const sorted = claims.map((claim) => JSON.stringify([claim.name, written(claim)])).sort();
  return JSON.stringify([trustRoot, written(issuer), written(subject), sorted]);
}
