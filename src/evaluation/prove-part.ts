// SPDX-License-Identifier: Apache-2.0
import { decideAll, decideRequirement } from '../decide.ts';
import { decideAttestation } from '../decide-attestation.ts';
import { type AttestationRequirement, describePlace, type Requirement, type Rule } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import { verifyAttestations } from './attestation-outcomes.ts';
import { typesAmong } from './attestation-types.ts';
import type { Basis } from './basis.ts';
import type { Part } from './known.ts';
import { keepProof, type Proof, recallProof } from './proof-memo.ts';
import { signersOf, verifySignatures } from './signature-outcomes.ts';

/**
 * What was proved before of one image about all that a rule demands, if that holds now; `undefined` where anything of
 * it must be verified. `tag`: the one that the image was asked about with, empty where there is none.
 */
export function recallPart(
  { require: requirement, attestations }: Rule,
  { discovery, image }: Part,
  tag: string,
  basis: Basis,
): Proof | undefined {
  const signed = requirement && recallProof(requirement, discovery, image, basis);
  if (attestations === undefined || (requirement !== undefined && signed === undefined)) return signed;
  const { attestations: found } = discovery;
  if (found === undefined) return undefined;
  const attested = attestations.map((one) => recallProof(one, found, { ...image, tag }, basis));
  if (!attested.every((proof) => proof !== undefined)) return undefined;
  return joined(signed === undefined ? attested : [signed, ...attested]);
}

/**
 * Verifies of one image all that a rule demands. What is found as signatures says nothing of attestations, nor the reverse:
 * each demand has candidates, outcomes and a finding of its own.
 *
 * @throws CountersignError the reason of the signal
 */
export async function provePart(
  rule: Rule,
  part: Part,
  tag: string,
  basis: Basis,
  exchange: Exchange,
): Promise<Proof> {
  const { name, require: requirement, attestations = [] } = rule;
  if (requirement === undefined && attestations.length === 0) {
    throw new TypeError(`rule ${name} has nothing to verify`);
  }
  const proofs: Proof[] = [];
  if (requirement !== undefined) {
    const place = describePlace(rule.signatures);
    proofs.push(await proveSigned(requirement, part, place, basis, exchange));
  }
  for (const one of attestations) {
    const place = describePlace(rule.signatures, 'att');
    proofs.push(await proveAttested(one, part, tag, place, basis, exchange));
  }
  return joined(proofs);
}

async function proveSigned(
  requirement: Requirement,
  { image, discovery }: Part,
  place: string,
  basis: Basis,
  exchange: Exchange,
): Promise<Proof> {
  const known = recallProof(requirement, discovery, image, basis);
  if (known !== undefined) return known;
  const outcomes = await verifySignatures(requirement, discovery.candidates, image, basis, exchange);
  const finding = decideRequirement(requirement, outcomes, discovery.failures, place);
  const proof = { outcomes, finding };
  keepProof(requirement, signersOf(requirement), discovery, image, basis, proof);
  return proof;
}

async function proveAttested(
  requirement: AttestationRequirement,
  { image, discovery: { attestations: found } }: Part,
  tag: string,
  place: string,
  basis: Basis,
  exchange: Exchange,
): Promise<Proof> {
  if (found === undefined) throw new TypeError('no attestations were looked for');
  const tagged = { ...image, tag };
  const known = recallProof(requirement, found, tagged, basis);
  if (known !== undefined) return known;
  const attested = await verifyAttestations(requirement, found.candidates, tagged, basis, exchange);
  const types = typesAmong(found.candidates);
  const finding = decideAttestation(requirement, attested, found.failures, { place, types });
  const proof = { outcomes: attested.map(({ outcome }) => outcome), finding };
  if (!requirement.where?.usesNow) {
    keepProof(requirement, signersOf(requirement.by), found, tagged, basis, proof);
  }
  return proof;
}

function joined(proofs: readonly Proof[]): Proof {
  const [only, other] = proofs;
  if (only !== undefined && other === undefined) return only;
  return {
    outcomes: proofs.flatMap(({ outcomes }) => outcomes),
    finding: decideAll(proofs.map(({ finding }) => finding)),
  };
}
