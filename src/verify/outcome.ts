// SPDX-License-Identifier: Apache-2.0
import { asCountersignError, CODES, type Code } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { quote, quoteIdentity } from '../image/quote.ts';
import type { Signer } from '../policy/index.ts';
import type { Candidate, CandidateOf, Storage } from './candidate.ts';

/**
 * What was proved about a verified candidate. Everything in it is covered by the signature.
 *
 * - `identity`: what distinctness counts; `key:` and the fingerprint of the key that verified, or `keyless:` and
 *   issuer and subject of the certificate
 * - `keyFingerprint`: of the key that made the signature, the policy's or the certificate's
 * - `algorithm`: by the names of Sigstore's algorithm registry, `ecdsa-sha2-256-nistp256`
 * - `annotations`: those of the signature that are strings, at most `LIMITS.signatureAnnotations`
 */
export type Evidence = {
  readonly identity: string;
  readonly keyFingerprint: string;
  readonly algorithm: string;
  /** Of a certificate: who vouched for whom. */
  readonly issuer?: string;
  readonly subject?: string;
  /** RFC 3339; when the signature is proved to have been there. Absent where nothing proves it. */
  readonly times?: readonly string[];
  readonly format: 'simple-signing' | 'bundle' | 'envelope';
  readonly predicateType?: string;
  readonly dockerReference?: string;
  readonly annotations?: Record<string, string>;
};

/**
 * What one candidate says about one signer. `verified` always comes with evidence and the code VERIFIED;
 * for the others the code says why, and its class is the status.
 */
export type SignatureOutcome = {
  readonly signer: string;
  readonly candidate: string;
  /** Of an attestation: the predicate type that was demanded. It never counts as a signature. */
  readonly attestation?: string;
  /** Of which image below an index it is a signature; absent where that is the digest that was asked about. */
  readonly digest?: Digest;
  readonly storage: Storage;
  readonly status: 'verified' | 'rejected' | 'inconclusive';
  readonly code: Code;
  readonly message: string;
  readonly evidence?: Evidence;
};

/** The outcome of a candidate that holds for the signer. */
export function verifiedOutcome(candidate: Candidate, signer: Signer, evidence: Evidence): SignatureOutcome {
  return {
    ...named(candidate, signer),
    status: 'verified',
    code: 'VERIFIED',
    message: `signed by ${signer.name} ${signedAs(evidence)} (${evidence.algorithm})`,
    evidence,
  };
}

function signedAs({ subject, issuer, keyFingerprint }: Evidence): string {
  if (subject === undefined) return `with key ${keyFingerprint}`;
  const word = issuer ? `by the word of ${quoteIdentity(issuer)}` : 'by a certificate without an issuer';
  return `as ${quoteIdentity(subject)} ${word}`;
}

/** The outcome of a candidate of which nothing could be read: what discovery said about it. */
export function unreadableOutcome(candidate: CandidateOf<'unreadable'>, signer: Signer): SignatureOutcome {
  return failed(candidate, signer, candidate.code, candidate.message);
}

/**
 * The outcome of a check that threw: rejected where the code says that the evidence says no, and
 * inconclusive for everything else, a defect of ours (INTERNAL_ERROR) among it. Never verified.
 */
export function failedOutcome(candidate: Candidate, signer: Signer, error: unknown): SignatureOutcome {
  const { code, message } = asCountersignError(error);
  return failed(candidate, signer, code, code === 'INTERNAL_ERROR' ? quote(message) : message);
}

function failed(candidate: Candidate, signer: Signer, code: Code, message: string): SignatureOutcome {
  const status = CODES[code].class === 'rejected' ? 'rejected' : 'inconclusive';
  return { ...named(candidate, signer), status, code, message };
}

function named(
  candidate: Candidate,
  signer: Signer,
): { signer: string; candidate: string; storage: Storage } {
  return { signer: signer.name, candidate: candidate.id, storage: candidate.storage };
}
