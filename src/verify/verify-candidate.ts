// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import type { PinnedImage } from '../image/pinned-image.ts';
import type { Signer } from '../policy/index.ts';
import type { Candidate } from './candidate.ts';
import { verifySimpleSigning } from './cosign/simple-signing.ts';
import { failedOutcome, type SignatureOutcome, unreadableOutcome, verifiedOutcome } from './outcome.ts';
import { verifyBundle } from './sigstore/verify-bundle.ts';
import { NO_TRUST_ROOTS, type TrustRoots } from './trust-root.ts';

/**
 * What a candidate says about a signer, for an image, at a time (ms since epoch).
 *
 * The edge of this folder: inside, a failed check throws and only evidence is returned; here it becomes a
 * value. Pure, synchronous, never throws. Nothing but the return of a verifier leads to `verified`: a check
 * that fails is rejected, a limit or a defect of ours inconclusive.
 *
 * Candidates are attacker input. One costs up to ten milliseconds of cryptography per key, and a large bundle
 * some tens for reading, so a caller with hundreds should look at its deadline between them.
 */
export function verifyCandidate(
  candidate: Candidate,
  signer: Signer,
  image: PinnedImage,
  now: number,
  trust: TrustRoots = NO_TRUST_ROOTS,
): SignatureOutcome {
  try {
    switch (candidate.kind) {
      case 'simple-signing':
        return verifiedOutcome(candidate, signer, verifySimpleSigning(candidate, signer, image, now, trust));
      case 'bundle':
        return verifiedOutcome(candidate, signer, verifyBundle(candidate, signer, image, now, trust));
      case 'envelope':
        throw new VerificationError('NOT_A_SIGNATURE', 'an attestation, which never counts as a signature');
      case 'unreadable':
        return unreadableOutcome(candidate, signer);
      default:
        throw new TypeError('a candidate of a kind that nobody verifies');
    }
  } catch (error) {
    return failedOutcome(candidate, signer, error);
  }
}
