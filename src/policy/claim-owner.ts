// SPDX-License-Identifier: Apache-2.0
import type { ClaimName } from './certificate-identity.ts';
import type { ClaimTest } from './compiled-policy.ts';
import { writesOut } from './written-out.ts';

/** How many segments of a claim, from its start, say whose repository it is: in them a wildcard lets in everybody's. */
const OWNER_SEGMENTS: Readonly<Partial<Record<ClaimName, number>>> = {
  sourceRepositoryURI: 4,
  sourceRepositoryOwnerURI: 4,
  githubWorkflowRepository: 1,
  sourceRepositoryIdentifier: 1,
  sourceRepositoryOwnerIdentifier: 1,
};

/** Whether a claim says whose repository it is that signed: one owner, or several that are written out. */
export function namesOwner({ name, text, regexp }: ClaimTest): boolean {
  const segments = OWNER_SEGMENTS[name];
  return segments !== undefined && isFixed(text, segments, regexp);
}

/** Whether the first segments between slashes have no wildcard, or are written out in a regular expression. */
export function isFixed(text: string, segments: number, regexp: true | undefined): boolean {
  if (regexp) return writesOut(text, segments);
  return !text.split('/').slice(0, segments).join('/').includes('*');
}
