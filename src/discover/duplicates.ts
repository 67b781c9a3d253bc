// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '../image/digest.ts';
import type { Candidate } from '../verify/index.ts';

/**
 * One signature found in both stores, or listed twice, is one candidate: the first is kept. Two are the same
 * when every byte that verification looks at is the same.
 */
export function withoutDuplicates(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const kept = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = contentOf(candidate);
    if (!kept.has(key)) kept.set(key, candidate);
  }
  return kept.size === candidates.length ? candidates : [...kept.values()];
}

/** Hashes, not the content itself: a thousand layers may share one blob, and each key is kept. */
function contentOf(candidate: Candidate): string {
  switch (candidate.kind) {
    case 'simple-signing':
    case 'envelope': {
      const annotations = Object.entries(candidate.annotations).sort(([a], [b]) => (a < b ? -1 : 1));
      return `${candidate.kind} ${digestOf(Buffer.from(JSON.stringify(annotations)))} ${hashOnce(candidate.payload)}`;
    }
    case 'bundle':
      return `bundle ${hashOnce(candidate.bytes)}`;
    case 'unreadable':
      return `unreadable ${candidate.id}`;
  }
}

const HASHES = new WeakMap<Uint8Array, string>();

function hashOnce(bytes: Uint8Array): string {
  const known = HASHES.get(bytes);
  if (known !== undefined) return known;
  const found = digestOf(bytes);
  HASHES.set(bytes, found);
  return found;
}
