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
export type Subject = { readonly digests: readonly string[]; readonly annotations: Annotations };

const STATEMENT_TYPES: readonly unknown[] = [
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
];

/**
 * The subjects of the image signature in the bytes, an in-toto statement (cosign formats §6.1). Unknown
 * fields are allowed, as in-toto says; the predicate may be missing, as cosign 3.0 wrote it.
 *
 * Attacker input, read before its signature is.
 *
 * @throws VerificationError PAYLOAD_MALFORMED, NOT_A_SIGNATURE, LIMIT_EXCEEDED
 */
export function parseSignatureStatement(bytes: Uint8Array): readonly Subject[] {
  refuseLongerThan(LIMITS.statementBytes, bytes);
  const statement = parseJson(bytes, 'PAYLOAD_MALFORMED', 'statement');
  if (!isJsonObject(statement)) throw malformed('it is not a JSON object');
  checkTypes(statement);
  refuseLongerThan(LIMITS.signatureStatementBytes, bytes);
  const predicate = statement['predicate'] ?? {};
  if (!isJsonObject(predicate)) throw malformed('its predicate is not an object');
  const subjects = statement['subject'];
  if (!Array.isArray(subjects) || subjects.length === 0) throw malformed('it has no subject');
  if (subjects.length > LIMITS.subjects) throw malformed(`it has more than ${LIMITS.subjects} subjects`);
  return subjects.map(parseSubject);
}

function checkTypes(statement: JsonObject): void {
  const { _type: type, predicateType } = statement;
  if (!STATEMENT_TYPES.includes(type)) throw malformed('its _type is not that of an in-toto statement');
  if (typeof predicateType !== 'string' || predicateType === '') throw malformed('it has no predicateType');
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
