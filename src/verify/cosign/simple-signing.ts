// SPDX-License-Identifier: Apache-2.0
import type { PinnedImage } from '../../image/pinned-image.ts';
import type { KeySigner } from '../../policy/index.ts';
import { demandAnnotations } from '../annotations.ts';
import type { CandidateOf } from '../candidate.ts';
import { demandDigest } from '../digest-binding.ts';
import { verifyByKeys } from '../key-signature.ts';
import type { Evidence } from '../outcome.ts';
import { parseOnce } from '../parse-once.ts';
import { parseSignature } from '../signature-text.ts';
import { demandCertificateOf } from './certificate.ts';
import { demandIdentity } from './identity.ts';
import { type Payload, parsePayload } from './payload.ts';

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';

/** The annotations of a layer that are looked at. */
export const LAYER_ANNOTATIONS: readonly string[] = [SIGNATURE, CERTIFICATE];

/** A legacy Cosign layer, read. White space is no certificate (cosign formats §3.2). */
type SimpleSigning = {
  readonly payload: Payload;
  readonly signature: Uint8Array;
  readonly certificate?: string;
};

// Many layers may share one payload, and none of them may make it be read again.
const readPayload = parseOnce(parsePayload);

const parseLayer = parseOnce((candidate: CandidateOf<'simple-signing'>): SimpleSigning => {
  const payload = readPayload(candidate.payload);
  const signature = parseSignature(candidate.annotations[SIGNATURE] ?? '');
  const certificate = candidate.annotations[CERTIFICATE];
  return certificate?.trim() ? { payload, signature, certificate } : { payload, signature };
});

/**
 * Verifies a legacy Cosign signature: it names this digest, and a key of the signer made it over the exact
 * bytes of the payload (cosign formats §11.2, without a transparency log).
 *
 * What is cheap comes first, so that signatures for other images cost no cryptography; what the signer
 * demands of the content comes last, when it is known who wrote it.
 *
 * @throws VerificationError
 */
export function verifySimpleSigning(
  candidate: CandidateOf<'simple-signing'>,
  signer: KeySigner,
  image: PinnedImage,
  now: number,
): Evidence {
  const { payload, signature, certificate } = parseLayer(candidate);
  demandDigest([payload.manifestDigest], image);
  const signed = { kind: 'content', content: candidate.payload } as const;
  const { key, algorithm } = verifyByKeys(signer, now, signed, signature);
  if (certificate !== undefined) demandCertificateOf(key.key, certificate);
  demandIdentity(payload.dockerReference, signer, image);
  demandAnnotations(payload.optional, signer);
  return {
    identity: `key:${key.fingerprint}`,
    keyFingerprint: key.fingerprint,
    algorithm,
    format: 'simple-signing',
    dockerReference: payload.dockerReference,
    annotations: payload.optional,
  };
}
