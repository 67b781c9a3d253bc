// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import { isJsonObject } from '../../json-object.ts';
import { LIMITS } from '../../limits.ts';
import { digestsOf } from '../artifact.ts';
import { parseBase64 } from '../base64.ts';
import type { CandidateOf } from '../candidate.ts';
import { parseJson } from '../json.ts';
import type { Material } from '../material.ts';
import { parseOnce } from '../parse-once.ts';
import { parseSignature } from '../signature-text.ts';
import { type Claim, parseClaim } from '../sigstore/claim.ts';
import { layerMaterial } from './layer-material.ts';

/** A legacy attestation, read. */
export type Envelope = { readonly claim: Claim & { kind: 'statement' }; readonly material: Material };

/**
 * Reads a layer of an `.att` manifest: a DSSE envelope with an in-toto statement (cosign formats §4.1). A timestamp
 * may be over its signature or over the whole of it: cosign has written both.
 *
 * Attacker input.
 *
 * @throws VerificationError PAYLOAD_MALFORMED, SIGNATURE_MALFORMED, NOT_A_SIGNATURE, LIMIT_EXCEEDED
 */
export const readEnvelope = parseOnce(
  ({ payload: bytes, annotations }: CandidateOf<'envelope'>): Envelope => {
    if (bytes.length > LIMITS.bundleBytes) {
      throw new VerificationError(
        'LIMIT_EXCEEDED',
        `the envelope has ${bytes.length} bytes; at most ${LIMITS.bundleBytes} are read`,
      );
    }
    const envelope = parseJson(bytes, 'PAYLOAD_MALFORMED', 'envelope');
    if (!isJsonObject(envelope)) throw malformed('it is not a JSON object');
    const { payloadType, payload: encoded, signatures } = envelope;
    if (typeof payloadType !== 'string') throw malformed('it has no payloadType');
    const payload = typeof encoded === 'string' ? parseBase64(encoded) : undefined;
    if (payload === undefined) throw malformed('its payload is not standard base64 with padding');
    const signature = parseSignature(signatureIn(signatures));
    const claim = parseClaim({ kind: 'dsse', payloadType, payload, signature });
    if (claim.kind !== 'statement') throw malformed('it holds no statement');
    const material = layerMaterial(annotations, {
      signature,
      signed: { kind: 'content', content: claim.encoded },
      logged: {
        kind: 'envelope',
        signature,
        payloadType,
        payload,
        digest: digestsOf(claim.encoded),
        envelope: bytes,
      },
      stamped: [signature, bytes],
    });
    return { claim, material };
  },
);

/** One signature: of several nobody could say whose log entry and certificate stand beside them. */
function signatureIn(signatures: unknown): string {
  const [only, ...others] = Array.isArray(signatures) ? signatures : [];
  const sig = isJsonObject(only) && others.length === 0 ? only['sig'] : undefined;
  if (typeof sig === 'string') return sig;
  throw malformed('it needs one signature, and no more');
}

function malformed(why: string): VerificationError {
  return new VerificationError('PAYLOAD_MALFORMED', `the envelope cannot be used: ${why}`);
}
