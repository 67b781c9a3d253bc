// SPDX-License-Identifier: Apache-2.0
import { CLAIMS, type ClaimName } from './certificate-identity.ts';

/** Shorter names that a policy may use. */
export const CLAIM_ALIASES = {
  sourceRepository: 'sourceRepositoryURI',
  sourceRepositoryOwner: 'sourceRepositoryOwnerURI',
} as const satisfies Record<string, ClaimName>;

/** The name of a claim as a policy may write it. */
export type WrittenClaim = ClaimName | keyof typeof CLAIM_ALIASES;

/** The documented name of a claim that a policy names, if there is such a claim. */
export function claimNamed(written: string): ClaimName | undefined {
  if (Object.hasOwn(CLAIM_ALIASES, written)) return CLAIM_ALIASES[written as keyof typeof CLAIM_ALIASES];
  return Object.hasOwn(CLAIMS, written) ? (written as ClaimName) : undefined;
}
