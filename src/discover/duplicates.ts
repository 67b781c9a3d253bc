// SPDX-License-Identifier: Apache-2.0
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
  return [...kept.values()];
}

function contentOf(candidate: Candidate): string {
  switch (candidate.kind) {
    case 'simple-signing': {
      const annotations = Object.entries(candidate.annotations).sort(([a], [b]) => (a < b ? -1 : 1));
      return `simple-signing ${JSON.stringify(annotations)} ${bytesOf(candidate.payload)}`;
    }
    case 'bundle':
      return `bundle ${bytesOf(candidate.bytes)}`;
    case 'unreadable':
      return `unreadable ${candidate.id}`;
  }
}

function bytesOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
