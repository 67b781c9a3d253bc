// SPDX-License-Identifier: Apache-2.0
import type { Candidate } from '../verify/index.ts';
import type { StoreAnswer } from './discovery.ts';
import { withoutDuplicates } from './duplicates.ts';
import type { Remembered } from './fact-cache.ts';

type Kind = 'candidates' | 'attestations';
type Fact = Remembered<Pick<StoreAnswer, Kind>>;

/** Gone with either fact: neither may keep alive what the memory has let go of the other. */
const COMBINED = new WeakMap<Fact, WeakMap<Fact, readonly Candidate[]>>();

/**
 * The candidates, or the attestations, of both stores without duplicates. The same two facts give the same array, so
 * that what is derived from it can be kept beside it: a tag holds either kind, so two facts are asked for one kind.
 */
export function combineCandidates(
  tags: Fact,
  referrers: Fact,
  kind: Kind = 'candidates',
): readonly Candidate[] {
  const known = COMBINED.get(tags)?.get(referrers);
  if (known !== undefined) return known;
  const candidates = withoutDuplicates([...tags.value[kind], ...referrers.value[kind]]);
  const others = COMBINED.get(tags) ?? new WeakMap<Fact, readonly Candidate[]>();
  others.set(referrers, candidates);
  COMBINED.set(tags, others);
  return candidates;
}
