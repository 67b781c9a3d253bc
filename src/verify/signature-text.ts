// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import { parseBase64 } from './base64.ts';

/**
 * The bytes of a signature that is written as base64. What they must look like is the algorithm's to say.
 *
 * Attacker input.
 *
 * @throws VerificationError SIGNATURE_MALFORMED
 */
export function parseSignature(text: string): Uint8Array {
  if (text === '') throw new VerificationError('SIGNATURE_MALFORMED', 'the signature is empty');
  if (text.length > Math.ceil(LIMITS.signatureBytes / 3) * 4) {
    throw new VerificationError(
      'SIGNATURE_MALFORMED',
      `the signature has ${text.length} characters of base64; at most ${LIMITS.signatureBytes} bytes are one`,
    );
  }
  const signature = parseBase64(text);
  if (signature !== undefined) return signature;
  throw new VerificationError(
    'SIGNATURE_MALFORMED',
    `the signature is not standard base64 with padding and without white space: ${quote(text)}`,
  );
}
