// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import type { Artifact } from './artifact.ts';

const SHOWN = 3;

/**
 * Demands that one of the digests that were signed is the artifact's, algorithm and value: a signature counts
 * only if what it signs names this digest. Costs nothing, so it stands before any cryptography.
 *
 * @throws VerificationError PAYLOAD_DIGEST_MISMATCH
 */
export function demandDigest(signed: readonly string[], artifact: Artifact): void {
  if (signed.some(artifact.has)) return;
  const shown = signed.slice(0, SHOWN).map(quote).join(', ') || 'no digest';
  const more = signed.length > SHOWN ? ` and ${signed.length - SHOWN} more` : '';
  throw new VerificationError(
    'PAYLOAD_DIGEST_MISMATCH',
    `the signature is for ${shown}${more}, ${artifact.description}`,
  );
}
