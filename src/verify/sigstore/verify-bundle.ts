// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import type { PinnedImage } from '../../image/pinned-image.ts';
import type { Signer } from '../../policy/index.ts';
import { type Artifact, artifactOfImage } from '../artifact.ts';
import { verifyBySigner } from '../by-signer.ts';
import type { CandidateOf } from '../candidate.ts';
import type { Evidence } from '../outcome.ts';
import { parseOnce } from '../parse-once.ts';
import type { TrustRoots } from '../trust-root.ts';
import { bundleMaterial, type ReadBundle, readBundle } from './bundle-material.ts';
import { demandClaimAnnotations } from './claim.ts';
import { demandSignature } from './statement.ts';

/** A candidate's bundle; read once for all who ask. */
export const readBundleOf = parseOnce((candidate: CandidateOf<'bundle'>) => readBundle(candidate.bytes));

/**
 * Verifies that a Sigstore bundle is an image signature that names this digest, and that the signer made it (cosign
 * formats §11.5). The key hint of the bundle says nothing: every key of the signer is tried.
 *
 * What is cheap comes first, so that bundles for other images cost no cryptography; what the signer demands
 * of the content comes last, when it is known who wrote it.
 *
 * @throws VerificationError
 */
export function verifyBundle(
  candidate: CandidateOf<'bundle'>,
  signer: Signer,
  image: PinnedImage,
  now: number,
  trust: TrustRoots,
): Evidence {
  const read = readBundleOf(candidate);
  if (read.claim.kind === 'statement') demandSignature(read.claim.statement);
  return verifyReadBundle(read, signer, artifactOfImage(image), now, trust);
}

/**
 * Verifies that the signer made the signature of a bundle, and that it is about the artifact, whatever it says of it.
 *
 * @throws VerificationError
 */
export function verifyReadBundle(
  read: ReadBundle,
  signer: Signer,
  artifact: Artifact,
  now: number,
  trust: TrustRoots,
): Evidence {
  return proveReadBundle(read, signer, artifact, now, trust).evidence;
}

/** The same, with the proven times as numbers (ms since the epoch; may be none). */
export function proveReadBundle(
  read: ReadBundle,
  signer: Signer,
  artifact: Artifact,
  now: number,
  trust: TrustRoots,
): { readonly evidence: Evidence; readonly times: readonly number[] } {
  const { bundle, claim } = read;
  const material = bundleMaterial(read, artifact);
  if (signer.kind === 'key') refuseCertificate(bundle.material, signer);
  const { evidence: by, times } = verifyBySigner(signer, material, trust, now);
  refuseIdentityDemand(signer);
  const annotations = demandClaimAnnotations(claim, signer, artifact);
  if (claim.kind === 'message') return { evidence: { ...by, format: 'bundle' }, times };
  const { predicateType } = claim.statement;
  return { evidence: { ...by, format: 'bundle', predicateType, annotations }, times };
}

/** Cosign formats §11.5: mixing is refused, even where the certificate should be for the very key. */
function refuseCertificate(material: 'publicKey' | 'certificate', { name }: Signer): void {
  if (material === 'publicKey') return;
  throw new VerificationError(
    'BUNDLE_CERTIFICATE',
    `found a bundle signed with a certificate, wanted one signed with a key (of ${name})`,
  );
}

/** A bundle names no repository, so it can never show that it was made for this one. */
function refuseIdentityDemand({ name, signedIdentity }: Signer): void {
  if (signedIdentity === undefined) return;
  throw new VerificationError(
    'IDENTITY_MISMATCH',
    `${name} demands signedIdentity: ${signedIdentity}, and a bundle names no repository: only legacy signatures do`,
  );
}
