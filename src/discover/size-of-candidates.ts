// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';
import type { Candidate } from '../verify/index.ts';

/**
 * What candidates hold, in bytes, rounded up: their content, once where several share it, and for each of them
 * what is kept beside it (what was found out about it, never what was read out of it).
 */
export function sizeOfCandidates(candidates: readonly Candidate[]): number {
  const contents = new Set(candidates.flatMap(contentOf));
  const bytes = [...contents].reduce((sum, content) => sum + content.length, 0);
  const texts = candidates.reduce((sum, candidate) => sum + LIMITS.factOverheadBytes + textOf(candidate), 0);
  return bytes + texts;
}

function contentOf(candidate: Candidate): Uint8Array[] {
  if (candidate.kind === 'unreadable') return [];
  return [candidate.kind === 'bundle' ? candidate.bytes : candidate.payload];
}

/** A character takes up to two bytes. */
function textOf(candidate: Candidate): number {
  if (candidate.kind === 'bundle') return 0;
  if (candidate.kind === 'unreadable') return 2 * candidate.message.length;
  const texts = Object.entries(candidate.annotations).flat();
  return 2 * texts.reduce((sum, text) => sum + text.length, 0);
}
