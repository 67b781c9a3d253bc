// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '../image/digest.ts';
import type { TrustRoot, TrustRoots } from '../verify/index.ts';

/**
 * One frozen snapshot of these trust roots. A root that is no other than in `previous` stays the object that it was: what
 * was derived from it still holds.
 */
export function snapshotOf(roots: Iterable<TrustRoot>, previous?: TrustRoots): TrustRoots {
  const kept = [...roots].map((root) => {
    const before = previous?.roots.get(root.name);
    return before?.fingerprint === root.fingerprint ? before : root;
  });
  const sorted = kept.sort((a, b) => (a.name < b.name ? -1 : 1));
  const text = JSON.stringify(sorted.map(({ name, fingerprint }) => [name, fingerprint]));
  const fingerprint = digestOf(Buffer.from(text));
  if (previous?.fingerprint === fingerprint) return previous;
  return Object.freeze({ fingerprint, roots: new Map(sorted.map((root) => [root.name, root])) });
}
