// SPDX-License-Identifier: Apache-2.0
import type { PinnedImage } from '../../image/pinned-image.ts';
import type { KeySigner, Signer } from '../../policy/index.ts';
import { demandAnnotations } from '../annotations.ts';
import { artifactOfImage, digestsOf } from '../artifact.ts';
import { verifyBySigner } from '../by-signer.ts';
import type { CandidateOf } from '../candidate.ts';
import { demandDigest } from '../digest-binding.ts';
import type { Material } from '../material.ts';
import type { Evidence } from '../outcome.ts';
import { parseOnce } from '../parse-once.ts';
import { parseSignature } from '../signature-text.ts';
import type { TrustRoots } from '../trust-root.ts';
import { demandCertificateOf, mentionCertificate } from './certificate.ts';
import { demandIdentity } from './identity.ts';
import { ANNOTATIONS, layerMaterial, textOf } from './layer-material.ts';
import { type Payload, parsePayload } from './payload.ts';

/** A legacy Cosign layer, read. */
type SimpleSigning = { readonly payload: Payload; readonly material: Material };

// Many layers may share one payload, and none of them may make it be read again.
const readPayload = parseOnce(parsePayload);

const parseLayer = parseOnce(({ payload, annotations }: CandidateOf<'simple-signing'>): SimpleSigning => {
  const read = readPayload(payload);
  const signature = parseSignature(annotations[ANNOTATIONS.signature] ?? '');
  const material = layerMaterial(annotations, {
    signature,
    signed: { kind: 'content', content: payload },
    logged: { kind: 'message', signature, digest: digestsOf(payload) },
    stamped: [signature],
  });
  return { payload: read, material };
});

/**
 * Verifies a legacy Cosign signature: it names this digest, and the signer made it over the exact bytes of the
 * payload (cosign formats §11.2 and §11.3).
 *
 * What is cheap comes first, so that signatures for other images cost no cryptography; what the signer
 * demands of the content comes last, when it is known who wrote it.
 *
 * @throws VerificationError
 */
export function verifySimpleSigning(
  candidate: CandidateOf<'simple-signing'>,
  signer: Signer,
  image: PinnedImage,
  now: number,
  trust: TrustRoots,
): Evidence {
  const { payload, material } = parseLayer(candidate);
  demandDigest([payload.manifestDigest], artifactOfImage(image));
  const { evidence } = mentionCertificate(signer, candidate.annotations, () =>
    verifyBySigner(signer, material, trust, now),
  );
  if (signer.kind === 'key') demandCertificate(signer, evidence.keyFingerprint, candidate);
  demandIdentity(payload.dockerReference, signer, image);
  demandAnnotations(payload.optional, signer);
  return {
    ...evidence,
    format: 'simple-signing',
    dockerReference: payload.dockerReference,
    annotations: payload.optional,
  };
}

/** What stands beside a signature by a key as its certificate must be one for that key. */
function demandCertificate(
  { keys }: KeySigner,
  fingerprint: string,
  { annotations }: CandidateOf<'simple-signing'>,
): void {
  const certificate = textOf(annotations, 'certificate');
  const key = keys.find((one) => one.fingerprint === fingerprint);
  if (certificate !== undefined && key !== undefined) demandCertificateOf(key.key, certificate);
}
