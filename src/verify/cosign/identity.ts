// SPDX-License-Identifier: Apache-2.0
import { CountersignError, VerificationError } from '../../errors.ts';
import type { PinnedImage } from '../../image/pinned-image.ts';
import { quote } from '../../image/quote.ts';
import { formatRepository, parseImageReference, type Repository } from '../../image/reference.ts';
import type { Signer } from '../../policy/index.ts';

/**
 * Demands what the signer's `signedIdentity` does: that the payload names the repository of the image, both
 * in canonical form. A tag or digest in it is allowed and says nothing.
 *
 * @throws VerificationError IDENTITY_MISMATCH
 */
export function demandIdentity(dockerReference: string, signer: Signer, image: PinnedImage): void {
  if (signer.signedIdentity === undefined) return;
  const named = readRepository(dockerReference);
  if (named?.registry === image.registry && named.repository === image.repository) return;
  throw new VerificationError(
    'IDENTITY_MISMATCH',
    `the signature is for the repository ${quote(dockerReference)}, the image is from ${quote(formatRepository(image))}`,
  );
}

function readRepository(dockerReference: string): Repository | undefined {
  try {
    return parseImageReference(dockerReference);
  } catch (error) {
    // Not a reference, so it names no repository, and the caller refuses it.
    if (error instanceof CountersignError) return undefined;
    throw error;
  }
}
