// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import type { PinnedImage } from '../../image/pinned-image.ts';
import type { KeySigner } from '../../policy/index.ts';
import type { CandidateOf } from '../candidate.ts';
import { verifyByKeys } from '../key-signature.ts';
import type { Evidence } from '../outcome.ts';
import { parseOnce } from '../parse-once.ts';
import { type Bundle, parseBundle } from './bundle.ts';
import { bindClaim, type Claim, demandClaimAnnotations, parseClaim } from './claim.ts';
import { SIGNATURE_PREDICATE } from './statement.ts';

/** A bundle that is a signature by its form, and no attestation. */
type SignatureBundle = {
  readonly material: Bundle['material'];
  readonly signature: Uint8Array;
  readonly claim: Claim;
};

const parseSignatureBundle = parseOnce((candidate: CandidateOf<'bundle'>): SignatureBundle => {
  const { material, content } = parseBundle(candidate.bytes);
  return { material, signature: content.signature, claim: parseClaim(content) };
});

/**
 * Verifies a Sigstore bundle against keys: it is an image signature that names this digest, and a key of
 * the signer made it (cosign formats §11.5, without log and time, which keys do not demand). The key hint
 * of the bundle says nothing: every key of the signer is tried.
 *
 * What is cheap comes first, so that bundles for other images cost no cryptography; what the signer demands
 * of the content comes last, when it is known who wrote it.
 *
 * @throws VerificationError
 */
export function verifyBundle(
  candidate: CandidateOf<'bundle'>,
  signer: KeySigner,
  image: PinnedImage,
  now: number,
): Evidence {
  const { material, signature, claim } = parseSignatureBundle(candidate);
  const signed = bindClaim(claim, image);
  refuseCertificate(material, signer);
  const { key, algorithm } = verifyByKeys(signer, now, signed, signature);
  refuseIdentityDemand(signer);
  const annotations = demandClaimAnnotations(claim, signer, image);
  return {
    identity: `key:${key.fingerprint}`,
    keyFingerprint: key.fingerprint,
    algorithm,
    format: 'bundle',
    ...(claim.kind === 'statement' ? { predicateType: SIGNATURE_PREDICATE, annotations } : {}),
  };
}

/** Cosign formats §11.5: mixing is refused, even where the certificate should be for the very key. */
function refuseCertificate(material: Bundle['material'], signer: KeySigner): void {
  if (material === 'publicKey') return;
  throw new VerificationError(
    'BUNDLE_CERTIFICATE',
    `the bundle was signed with a certificate, and ${signer.name} is a key`,
  );
}

/** A bundle names no repository, so it can never show that it was made for this one. */
function refuseIdentityDemand(signer: KeySigner): void {
  if (signer.signedIdentity === undefined) return;
  throw new VerificationError(
    'IDENTITY_MISMATCH',
    `${signer.name} demands signedIdentity: ${signer.signedIdentity}, and a bundle names no repository: only legacy signatures do`,
  );
}
