// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../../errors.ts';
import { digestOf } from '../../../image/digest.ts';
import { LIMITS } from '../../../limits.ts';
import type { TrustedTimestampAuthority } from '../../trust-root.ts';
import { type VerifiedTimestamp, verifyTimestamp } from './verify-timestamp.ts';

/** The timestamps of one signature. */
export type VerifiedTimestamps = {
  readonly verified: readonly VerifiedTimestamp[];
  /** How many authorities speak in them: several timestamps of one count once toward a threshold. */
  readonly authorities: number;
  /** What is wrong with the first that is not among them. */
  readonly problem?: VerificationError;
};

/**
 * Verifies all timestamps of a signature, as {@link verifyTimestamp} does each; one that does not hold takes nothing
 * from the others.
 *
 * @throws VerificationError LIMIT_EXCEEDED for more than {@link LIMITS}.timestamps
 */
export function verifyTimestamps(
  tokens: readonly Uint8Array[],
  signed: Uint8Array | readonly Uint8Array[],
  authorities: readonly TrustedTimestampAuthority[],
): VerifiedTimestamps {
  if (tokens.length > LIMITS.timestamps)
    throw new VerificationError(
      'LIMIT_EXCEEDED',
      `${tokens.length} timestamps, at most ${LIMITS.timestamps} are allowed`,
    );
  const results = tokens.map((token) => resultOf(() => verifyTimestamp(token, signed, authorities)));
  const verified = results.flatMap((result) => (result instanceof VerificationError ? [] : [result]));
  const problem = results.find((result) => result instanceof VerificationError);
  const count = new Set(verified.map(({ authority }) => identityOf(authority))).size;
  return { verified, authorities: count, ...(problem && { problem }) };
}

function resultOf(verify: () => VerifiedTimestamp): VerifiedTimestamp | VerificationError {
  try {
    return verify();
  } catch (error) {
    if (error instanceof VerificationError) return error;
    throw error;
  }
}

/** One URI is one authority, whichever of its certificates signed. */
function identityOf({ uri, chain: [first] }: TrustedTimestampAuthority): string {
  return uri === '' && first !== undefined ? digestOf(first.der) : uri;
}
