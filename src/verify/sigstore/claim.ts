// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import { quote } from '../../image/quote.ts';
import type { Signer } from '../../policy/index.ts';
import { type Annotations, carriesAnnotations, demandAnnotations } from '../annotations.ts';
import { type Artifact, digestsOf } from '../artifact.ts';
import { demandDigest } from '../digest-binding.ts';
import { fromProtobufName } from '../digest-name.ts';
import type { Signed } from '../key-signature.ts';
import type { Logged } from '../material.ts';
import type { DsseContent, MessageContent } from './bundle.ts';
import { preAuthenticationEncoding } from './dsse.ts';
import { IN_TOTO, parseStatement, type Statement } from './statement.ts';

/** What a signature covers: a statement about artifacts, or an artifact itself. */
export type Claim =
  | {
      readonly kind: 'statement';
      readonly statement: Statement;
      readonly content: DsseContent;
      readonly encoded: Uint8Array;
    }
  | { readonly kind: 'message'; readonly content: MessageContent };

/**
 * What the content of a bundle claims.
 *
 * @throws VerificationError PAYLOAD_MALFORMED, NOT_A_SIGNATURE, LIMIT_EXCEEDED
 */
export function parseClaim(content: DsseContent | MessageContent): Claim {
  if (content.kind === 'message') return { kind: 'message', content };
  const { payloadType, payload } = content;
  if (payloadType !== IN_TOTO) {
    throw new VerificationError(
      'NOT_A_SIGNATURE',
      `the envelope holds ${quote(payloadType)}, wanted ${IN_TOTO}`,
    );
  }
  const statement = parseStatement(payload);
  return { kind: 'statement', statement, content, encoded: preAuthenticationEncoding(payloadType, payload) };
}

/**
 * Demands that the claim is about the artifact and returns what then must have been signed.
 *
 * A message signature covers the artifact itself, of which a digest may be all there is: the digest in the bundle is
 * a hint that must agree (cosign formats §1.4), the signature over the artifact is the proof.
 *
 * @throws VerificationError PAYLOAD_DIGEST_MISMATCH; ALGORITHM_UNSUPPORTED for a digest by another hash
 */
export function bindClaim(claim: Claim, artifact: Artifact): Signed {
  if (claim.kind === 'statement') {
    demandDigest(
      claim.statement.subjects().flatMap((subject) => subject.digests),
      artifact,
    );
    return { kind: 'content', content: claim.encoded };
  }
  if (claim.content.digest !== undefined) demandHint(claim.content.digest, artifact);
  if (artifact.content !== undefined) return { kind: 'content', content: artifact.content };
  for (const hash of ['sha256', 'sha512'] as const) {
    const digest = artifact.digest(hash);
    if (digest !== undefined) return { kind: 'digest', hash, digest };
  }
  throw new VerificationError(
    'ALGORITHM_UNSUPPORTED',
    `no digest by SHA-256 or SHA-512 is known: ${artifact.description}`,
  );
}

/** What log entries about the claim must say. */
export function loggedClaim(claim: Claim, artifact: Artifact): Logged {
  const { signature } = claim.content;
  if (claim.kind === 'message') return { kind: 'message', signature, digest: artifact.digest };
  const { payloadType, payload } = claim.content;
  return { kind: 'envelope', signature, payloadType, payload, digest: digestsOf(claim.encoded) };
}

/**
 * Demands the annotations of the signer of a subject that is this artifact. A message signature has none.
 *
 * @returns the annotations of that subject
 * @throws VerificationError ANNOTATION_MISMATCH
 */
export function demandClaimAnnotations(claim: Claim, signer: Signer, artifact: Artifact): Annotations {
  const annotations = annotationsAbout(claim, signer, artifact);
  demandAnnotations(annotations, signer);
  return annotations;
}

function annotationsAbout(claim: Claim, signer: Signer, artifact: Artifact): Annotations {
  if (claim.kind === 'message') return {};
  const about = claim.statement.subjects().filter((subject) => subject.digests.some(artifact.has));
  const carrying = about.find((subject) => carriesAnnotations(subject.annotations, signer));
  return (carrying ?? about[0])?.annotations ?? {};
}

function demandHint(hint: NonNullable<MessageContent['digest']>, artifact: Artifact): void {
  const name = fromProtobufName(hint.algorithm);
  const known = name && artifact.digest(name);
  if (known === undefined) {
    throw new VerificationError(
      'ALGORITHM_UNSUPPORTED',
      `the signature is over a ${hint.algorithm} digest, and such a digest is not known here: ${artifact.description}`,
    );
  }
  demandDigest([`${name}:${Buffer.from(hint.value).toString('hex')}`], artifact);
}
