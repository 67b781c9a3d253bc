// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import { quote } from '../../image/quote.ts';
import { isJsonObject, type JsonObject } from '../../json-object.ts';
import { LIMITS } from '../../limits.ts';
import { type Annotations, stringAnnotations } from '../annotations.ts';
import { parseJson } from '../json.ts';

/** The predicate type of an image signature; every other is an attestation (design, "What counts as a signature"). */
export const SIGNATURE_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/** The media type of in-toto statements in DSSE envelopes. */
export const IN_TOTO = 'application/vnd.in-toto+json';

/** One thing that was signed: its digests as `algorithm:value`, and the annotations that go with it. */
type Subject = { readonly digests: readonly string[]; readonly annotations: Annotations };

/** An in-toto statement: what is said of the subjects, and the subjects as they were written. */
export type Statement = {
  readonly predicateType: string;
  /** Read at the first call. Throws PAYLOAD_MALFORMED, LIMIT_EXCEEDED. */
  readonly subjects: () => readonly Subject[];
  readonly predicate: unknown;
  readonly subject: unknown;
};

const STATEMENT_TYPES: readonly unknown[] = [
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
];

/**
 * The in-toto statement in the bytes. Unknown fields are allowed, as in-toto says.
 *
 * Attacker input, read before its signature is.
 *
 * @throws VerificationError PAYLOAD_MALFORMED, LIMIT_EXCEEDED
 */
export function parseStatement(bytes: Uint8Array): Statement {
  refuseLongerThan(LIMITS.statementBytes, bytes);
  const statement = parseJson(bytes, 'PAYLOAD_MALFORMED', 'statement');
  if (!isJsonObject(statement)) throw malformed('it is not a JSON object');
  const { _type: type, predicateType, subject, predicate } = statement;
  if (!STATEMENT_TYPES.includes(type)) throw malformed('its _type is not that of an in-toto statement');
  if (typeof predicateType !== 'string' || predicateType === '') throw malformed('it has no predicateType');
  if (predicateType === SIGNATURE_PREDICATE) checkSignature(statement, bytes);
  let subjects: readonly Subject[] | undefined;
  const readSubjects = () => {
    subjects ??= parseSubjects(subject);
    return subjects;
  };
  return { predicateType, subjects: readSubjects, predicate, subject };
}

function parseSubjects(subject: unknown): readonly Subject[] {
  if (!Array.isArray(subject) || subject.length === 0) throw malformed('it has no subject');
  if (subject.length > LIMITS.subjects) throw malformed(`it has more than ${LIMITS.subjects} subjects`);
  return subject.map(parseSubject);
}

/** Cosign formats §6.1: the predicate of a signature may be missing, as cosign 3.0 wrote it. */
function checkSignature({ predicate }: JsonObject, bytes: Uint8Array): void {
  refuseLongerThan(LIMITS.signatureStatementBytes, bytes);
  if (!isJsonObject(predicate ?? {})) throw malformed('its predicate is not an object');
}

/**
 * Demands that a statement is an image signature.
 *
 * @throws VerificationError NOT_A_SIGNATURE
 */
export function demandSignature({ predicateType }: Pick<Statement, 'predicateType'>): void {
  if (predicateType === SIGNATURE_PREDICATE) return;
  throw new VerificationError(
    'NOT_A_SIGNATURE',
    `an attestation of type ${quote(predicateType)}, wanted ${SIGNATURE_PREDICATE}`,
  );
}

function parseSubject(subject: unknown): Subject {
  if (!isJsonObject(subject)) throw malformed('a subject is not an object');
  const { digest, annotations } = subject;
  if (!isJsonObject(digest)) throw malformed('a subject has no digest');
  const digests = Object.entries(digest);
  if (digests.length > LIMITS.digestsPerSubject) {
    throw malformed(`a subject has more than ${LIMITS.digestsPerSubject} digests`);
  }
  if (digests.some(([, value]) => typeof value !== 'string')) throw malformed('a digest is not a string');
  const given = annotations ?? {};
  if (!isJsonObject(given)) throw malformed('the annotations of a subject are not an object');
  return {
    digests: digests.map(([algorithm, value]) => `${algorithm}:${value}`),
    annotations: stringAnnotations(given),
  };
}

function refuseLongerThan(most: number, bytes: Uint8Array): void {
  if (bytes.length <= most) return;
  throw new VerificationError(
    'LIMIT_EXCEEDED',
    `the statement has ${bytes.length} bytes; at most ${most} are read`,
  );
}

function malformed(why: string): VerificationError {
  return new VerificationError('PAYLOAD_MALFORMED', `the in-toto statement cannot be used: ${why}`);
}
