// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import { quote } from '../../image/quote.ts';
import { isJsonObject, type JsonObject } from '../../json-object.ts';
import { LIMITS } from '../../limits.ts';
import { type Annotations, stringAnnotations } from '../annotations.ts';
import { parseJson } from '../json.ts';

/** What a simple-signing payload says (cosign formats §3.3). `dockerReference` is empty where it names none. */
export type Payload = {
  readonly manifestDigest: string;
  readonly dockerReference: string;
  readonly optional: Annotations;
};

const TYPE = 'cosign container image signature';

/**
 * The simple-signing payload in the bytes; unknown fields are allowed.
 *
 * Attacker input. Field names are compared without case, as Go does, since signatures with
 * `Docker-manifest-digest` exist; where a name then occurs twice, readers would differ and it is refused.
 *
 * @throws VerificationError PAYLOAD_MALFORMED, PAYLOAD_TYPE_WRONG, NOT_A_SIGNATURE, LIMIT_EXCEEDED
 */
export function parsePayload(bytes: Uint8Array): Payload {
  if (bytes.length > LIMITS.payloadBytes) {
    throw new VerificationError(
      'LIMIT_EXCEEDED',
      `the payload has ${bytes.length} bytes; at most ${LIMITS.payloadBytes} are read`,
    );
  }
  const payload = parseJson(bytes, 'PAYLOAD_MALFORMED', 'payload');
  if (!isJsonObject(payload)) throw malformed('is not a JSON object');
  refuseEnvelope(payload);
  const critical = objectField(payload, 'critical', 'critical');
  if (critical === undefined) throw malformed('has no "critical"');
  checkType(stringField(critical, 'type', 'critical.type'));
  const image = objectField(critical, 'image', 'critical.image') ?? {};
  const identity = objectField(critical, 'identity', 'critical.identity') ?? {};
  return {
    manifestDigest: requiredDigest(image),
    dockerReference: stringField(identity, 'docker-reference', 'critical.identity.docker-reference') ?? '',
    optional: stringAnnotations(objectField(payload, 'optional', 'optional') ?? {}),
  };
}

/** Attestations lie in layers too; theirs are DSSE envelopes (cosign formats §4.1). */
function refuseEnvelope(payload: JsonObject): void {
  if (!Object.hasOwn(payload, 'payloadType') || !Object.hasOwn(payload, 'signatures')) return;
  throw new VerificationError(
    'NOT_A_SIGNATURE',
    'the layer is a DSSE envelope: an attestation, no signature',
  );
}

function checkType(type: string | undefined): void {
  if (type === TYPE) return;
  const found = type === undefined ? 'none' : quote(type);
  throw new VerificationError('PAYLOAD_TYPE_WRONG', `the payload's type is ${found}, wanted ${quote(TYPE)}`);
}

function requiredDigest(image: JsonObject): string {
  const digest = stringField(image, 'docker-manifest-digest', 'critical.image.docker-manifest-digest');
  if (digest === undefined) throw malformed('has no "critical.image.docker-manifest-digest"');
  return digest;
}

function objectField(object: JsonObject, name: string, path: string): JsonObject | undefined {
  const value = field(object, name, path);
  if (value === undefined || isJsonObject(value)) return value;
  throw malformed(`has a "${path}" that is not an object`);
}

function stringField(object: JsonObject, name: string, path: string): string | undefined {
  const value = field(object, name, path);
  if (value === undefined || typeof value === 'string') return value;
  throw malformed(`has a "${path}" that is not a string`);
}

/** The one field of that name in any case; `null` is as good as none. */
function field(object: JsonObject, name: string, path: string): unknown {
  const spellings = Object.keys(object).filter((key) => key === name || foldCase(key) === name);
  if (spellings.length > 1) {
    throw malformed(`has "${path}" twice: ${spellings.slice(0, 3).map(quote).join(', ')}`);
  }
  const [spelling] = spellings;
  return spelling === undefined ? undefined : (object[spelling] ?? undefined);
}

/** Go's encoding/json folds by Unicode: the long s and the Kelvin sign are an s and a k. */
function foldCase(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's');
}

function malformed(why: string): VerificationError {
  return new VerificationError('PAYLOAD_MALFORMED', `the payload ${why}`);
}
