// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import type { PinnedImage } from '../image/pinned-image.ts';
import { quote } from '../image/quote.ts';

const SHOWN = 3;

/**
 * Demands that one of the digests that were signed is the image's, algorithm and value: a signature counts
 * only if what it signs names this digest. Costs nothing, so it stands before any cryptography.
 *
 * @throws VerificationError PAYLOAD_DIGEST_MISMATCH
 */
export function demandDigest(signed: readonly string[], image: PinnedImage): void {
  if (signed.includes(image.digest)) return;
  const shown = signed.slice(0, SHOWN).map(quote).join(', ') || 'no digest';
  const more = signed.length > SHOWN ? ` and ${signed.length - SHOWN} more` : '';
  throw new VerificationError(
    'PAYLOAD_DIGEST_MISMATCH',
    `the signature is for ${shown}${more}, the image is ${image.digest}`,
  );
}
