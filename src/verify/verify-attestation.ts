// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import type { PinnedImage } from '../image/pinned-image.ts';
import type { Signer } from '../policy/index.ts';
import { artifactOfImage } from './artifact.ts';
import { verifyBySigner } from './by-signer.ts';
import type { Candidate } from './candidate.ts';
import { mentionCertificate } from './cosign/certificate.ts';
import { readEnvelope } from './cosign/envelope.ts';
import { demandDigest } from './digest-binding.ts';
import {
  type Evidence,
  failedOutcome,
  type SignatureOutcome,
  unreadableOutcome,
  verifiedOutcome,
} from './outcome.ts';
import { demandClaimAnnotations } from './sigstore/claim.ts';
import { SIGNATURE_PREDICATE, type Statement } from './sigstore/statement.ts';
import { proveReadBundle, readBundleOf } from './sigstore/verify-bundle.ts';
import type { TrustRoots } from './trust-root.ts';

/** What a verified attestation says, and since when it is proved to have said so (ms since the epoch; may be empty). */
export type AttestationStatement = Pick<Statement, 'predicateType' | 'predicate' | 'subject'> & {
  readonly times: readonly number[];
};

/** What a candidate says as an attestation by a signer: the statement is there where, and only where, it is verified. */
export type VerifiedAttestation = {
  readonly outcome: SignatureOutcome;
  readonly statement?: AttestationStatement;
};

/**
 * The predicate type that a candidate claims as an attestation, unbelieved: `undefined` for what is no attestation that
 * can be read, an image signature among it. Costs a parse, which {@link verifyAttestation} then shares.
 */
export function attestationType(candidate: Candidate): string | undefined {
  try {
    const type = statementOf(candidate)?.predicateType;
    return type === SIGNATURE_PREDICATE ? undefined : type;
  } catch {
    // What cannot be read is no attestation of any type; asked about as a candidate it gives its reason.
    return undefined;
  }
}

/**
 * What a candidate says as an attestation, whoever made it: to look once more at what was verified before. Costs a parse.
 *
 * @throws VerificationError where it cannot be read, NOT_AN_ATTESTATION where it is none
 */
export function readAttestation(candidate: Candidate): Statement {
  const statement = statementOf(candidate);
  if (statement === undefined || statement.predicateType === SIGNATURE_PREDICATE) throw notOne();
  return statement;
}

/**
 * What a candidate says as an attestation by a signer about an image, at a time (ms since the epoch): the signature
 * holds, and the statement names this digest. An image signature is no attestation, whoever made it.
 *
 * Never throws: whatever goes wrong is an outcome, and none of it `verified`.
 */
export function verifyAttestation(
  candidate: Candidate,
  signer: Signer,
  image: PinnedImage,
  now: number,
  trust: TrustRoots,
): VerifiedAttestation {
  try {
    if (candidate.kind === 'unreadable') return { outcome: unreadableOutcome(candidate, signer) };
    const { evidence, statement, times } = verified(candidate, signer, image, now, trust);
    return { outcome: verifiedOutcome(candidate, signer, evidence), statement: { ...statement, times } };
  } catch (error) {
    return { outcome: failedOutcome(candidate, signer, error) };
  }
}

type Verified = {
  readonly evidence: Evidence;
  readonly statement: Statement;
  readonly times: readonly number[];
};

function verified(
  candidate: Candidate,
  signer: Signer,
  image: PinnedImage,
  now: number,
  trust: TrustRoots,
): Verified {
  const statement = readAttestation(candidate);
  if (signer.signedIdentity !== undefined) throw namesNoRepository(signer);
  const artifact = artifactOfImage(image);
  if (candidate.kind === 'bundle') {
    return { statement, ...proveReadBundle(readBundleOf(candidate), signer, artifact, now, trust) };
  }
  if (candidate.kind !== 'envelope') throw notOne();
  const { claim, material } = readEnvelope(candidate);
  demandDigest(
    statement.subjects().flatMap(({ digests }) => digests),
    artifact,
  );
  const { evidence: by, times } = mentionCertificate(signer, candidate.annotations, () =>
    verifyBySigner(signer, material, trust, now),
  );
  const annotations = demandClaimAnnotations(claim, signer, artifact);
  return {
    statement,
    times,
    evidence: { ...by, format: 'envelope', predicateType: statement.predicateType, annotations },
  };
}

function statementOf(candidate: Candidate): Statement | undefined {
  if (candidate.kind === 'envelope') return readEnvelope(candidate).claim.statement;
  if (candidate.kind !== 'bundle') return undefined;
  const { claim } = readBundleOf(candidate);
  return claim.kind === 'statement' ? claim.statement : undefined;
}

function notOne(): VerificationError {
  return new VerificationError('NOT_AN_ATTESTATION', 'a signature of the image, or no statement at all');
}

function namesNoRepository({ name, signedIdentity }: Signer): VerificationError {
  return new VerificationError(
    'IDENTITY_MISMATCH',
    `${name} demands signedIdentity: ${signedIdentity}, and an attestation names no repository: only legacy signatures do`,
  );
}
