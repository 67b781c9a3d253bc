// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import type { PinnedImage } from '../../image/pinned-image.ts';
import { quote } from '../../image/quote.ts';
import type { Signer } from '../../policy/index.ts';
import { type Annotations, carriesAnnotations, demandAnnotations } from '../annotations.ts';
import { demandDigest } from '../digest-binding.ts';
import type { Signed } from '../key-signature.ts';
import type { Bundle, MessageContent } from './bundle.ts';
import { preAuthenticationEncoding } from './dsse.ts';
import { IN_TOTO, parseSignatureStatement, type Subject } from './statement.ts';

/** What the signature of a bundle covers: a statement about images, or the manifest of one itself. */
export type Claim =
  | { readonly kind: 'statement'; readonly subjects: readonly Subject[]; readonly encoded: Uint8Array }
  | { readonly kind: 'message'; readonly digest: MessageContent['digest'] };

type DigestHash = 'sha256' | 'sha512';

/** The names that digests of images have among the hash algorithms of bundles. */
const IMAGE_HASHES: Readonly<Record<DigestHash, string>> = { sha256: 'SHA2_256', sha512: 'SHA2_512' };

/**
 * What the content of a bundle claims. Of a statement only an image signature's is read: any other is an
 * attestation, which never counts as a signature.
 *
 * @throws VerificationError PAYLOAD_MALFORMED, NOT_A_SIGNATURE, LIMIT_EXCEEDED
 */
export function parseClaim(content: Bundle['content']): Claim {
  if (content.kind === 'message') return { kind: 'message', digest: content.digest };
  const { payloadType, payload } = content;
  if (payloadType !== IN_TOTO) {
    throw new VerificationError(
      'NOT_A_SIGNATURE',
      `the envelope holds ${quote(payloadType)}, wanted ${IN_TOTO}`,
    );
  }
  const subjects = parseSignatureStatement(payload);
  return { kind: 'statement', subjects, encoded: preAuthenticationEncoding(payloadType, payload) };
}

/**
 * Demands that the claim is about the image and returns what then must have been signed.
 *
 * A message signature covers the manifest, of which the digest is all there is: the digest in the bundle is
 * a hint that must agree (cosign formats §1.4), the signature over the image's digest is the proof.
 *
 * @throws VerificationError PAYLOAD_DIGEST_MISMATCH; ALGORITHM_UNSUPPORTED for a digest by another hash
 */
export function bindClaim(claim: Claim, image: PinnedImage): Signed {
  if (claim.kind === 'statement') {
    demandDigest(
      claim.subjects.flatMap((subject) => subject.digests),
      image,
    );
    return { kind: 'content', content: claim.encoded };
  }
  const hash: DigestHash = image.digest.startsWith('sha256:') ? 'sha256' : 'sha512';
  const value = image.digest.slice(hash.length + 1);
  if (claim.digest !== undefined) demandHint(claim.digest, hash, image);
  return { kind: 'digest', hash, digest: Buffer.from(value, 'hex') };
}

/**
 * Demands the annotations of the signer of a subject that is this image. A message signature has none.
 *
 * @returns the annotations of that subject
 * @throws VerificationError ANNOTATION_MISMATCH
 */
export function demandClaimAnnotations(claim: Claim, signer: Signer, image: PinnedImage): Annotations {
  const annotations = annotationsAbout(claim, signer, image);
  demandAnnotations(annotations, signer);
  return annotations;
}

function annotationsAbout(claim: Claim, signer: Signer, image: PinnedImage): Annotations {
  if (claim.kind === 'message') return {};
  const about = claim.subjects.filter((subject) => subject.digests.includes(image.digest));
  const carrying = about.find((subject) => carriesAnnotations(subject.annotations, signer));
  return (carrying ?? about[0])?.annotations ?? {};
}

function demandHint(hint: NonNullable<MessageContent['digest']>, hash: DigestHash, image: PinnedImage): void {
  if (hint.algorithm !== IMAGE_HASHES[hash]) {
    throw new VerificationError(
      'ALGORITHM_UNSUPPORTED',
      `the signature is over a ${hint.algorithm} digest, and of the image only the ${hash} digest is known`,
    );
  }
  demandDigest([`${hash}:${Buffer.from(hint.value).toString('hex')}`], image);
}
