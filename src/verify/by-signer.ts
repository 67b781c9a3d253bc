// SPDX-License-Identifier: Apache-2.0
import type { Signer } from '../policy/index.ts';
import { type CertificateProof, verifyByCertificate } from './by-certificate.ts';
import { verifyByKey } from './by-key.ts';
import type { Material } from './material.ts';
import type { Evidence } from './outcome.ts';
import { demandTrustRoot, type TrustRoots } from './trust-root.ts';

/** Who made a signature, and how that is known: the part of the evidence that no format changes. */
type SignerEvidence = Pick<
  Evidence,
  'identity' | 'keyFingerprint' | 'algorithm' | 'issuer' | 'subject' | 'times'
>;

/** Who made a signature, and the proven times of it as numbers (ms since the epoch; may be none). */
type SignedBy = { readonly evidence: SignerEvidence; readonly times: readonly number[] };

/**
 * Verifies that the signer made the signature, by its keys or by the certificate beside it, with the one trust root
 * that the signer names.
 *
 * @throws VerificationError
 */
export function verifyBySigner(signer: Signer, material: Material, trust: TrustRoots, now: number): SignedBy {
  const root = trust.roots.get(signer.trustRoot);
  if (signer.kind === 'key') {
    const { key, algorithm, times } = verifyByKey(signer, material, root, now);
    const { fingerprint } = key;
    const evidence = { identity: `key:${fingerprint}`, keyFingerprint: fingerprint, algorithm };
    return { evidence: { ...evidence, ...timesOf(times) }, times };
  }
  const proof = verifyByCertificate(signer, material, demandTrustRoot(root, signer), now);
  return { evidence: identified(proof), times: proof.times };
}

/** One issuer's word for one subject is one identity, in whichever kind of name it says it. */
function identified(proof: CertificateProof): SignerEvidence {
  const { identity, keyFingerprint, algorithm, times } = proof;
  const { issuer, subject } = identity;
  return {
    identity: `keyless:${encodeURIComponent(issuer)}#${encodeURIComponent(subject.value)}`,
    keyFingerprint,
    algorithm,
    issuer,
    subject: subject.value,
    ...timesOf(times),
  };
}

function timesOf(times: readonly number[]): Pick<Evidence, 'times'> {
  return times.length === 0 ? {} : { times: times.map((time) => new Date(time).toISOString()) };
}
