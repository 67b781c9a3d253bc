// SPDX-License-Identifier: Apache-2.0
import { formatPinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import type { Place, StoreAnswer } from './discovery.ts';
import { withoutDuplicates } from './duplicates.ts';
import { createFactCache, type Remembered } from './fact-cache.ts';
import { createFlights } from './flight.ts';
import { sizeOfCandidates } from './size-of-candidates.ts';
import type { Source } from './source.ts';
import { withinShare } from './within-share.ts';

/** What one store holds for a digest at a place, at most `maxAgeMs` old: at once where it is remembered. */
export type StoreFacts = (
  key: string,
  place: Place,
  exchange: Exchange,
  maxAgeMs: number,
) => Remembered<StoreAnswer> | Promise<Remembered<StoreAnswer>>;

/**
 * The answers of one store, remembered by {@link factKey}, and asked once for all who ask
 * at the same time. An answer in which something could not be read is given out and not remembered.
 */
export function createStoreFacts(
  registry: Registry,
  readStore: (place: Place, source: Source) => Promise<StoreAnswer>,
  onLookup: (hit: boolean) => void,
): StoreFacts {
  const flights = createFlights<Remembered<StoreAnswer>>();
  const facts = createFactCache<StoreAnswer>({
    entries: LIMITS.candidateFacts,
    bytes: LIMITS.candidateFactsBytes,
    sizeOf: sizeOfAnswer,
  });

  return (key, place, exchange, maxAgeMs) => {
    const known = facts.recall(key, maxAgeMs);
    onLookup(known !== undefined);
    if (known !== undefined) return known;
    return flights(key, exchange, async (shared) => {
      const found = await withinShare(registry, place, shared, async (source) => {
        const answer = await readStore(place, source);
        const { candidates, attestations } = answer;
        return {
          ...answer,
          candidates: withoutDuplicates(candidates),
          attestations: withoutDuplicates(attestations),
        };
      });
      const answer = factKey(registry, place, shared) === key ? found : ofAnother(found);
      return answer.complete ? facts.remember(key, answer) : { value: answer, at: performance.now() };
    });
  };
}

/** The credential was replaced meanwhile: what was found must not be remembered, or learned from, as the old one's. */
function ofAnother(answer: StoreAnswer): StoreAnswer {
  return { ...answer, complete: false, unsupported: false };
}

/** All that an answer depends on: credentials, repository of the signatures, digest, what tags begin with, and what is wanted. */
export function factKey(registry: Registry, place: Place, exchange: Exchange): string {
  const { tagPrefix, attestations } = place;
  const key = `${registry.credentialId(place, exchange)} ${formatPinnedImage(place)}`;
  if (attestations) return `${key} ${tagPrefix ?? ''} attestations`;
  return tagPrefix === undefined ? key : `${key} ${tagPrefix}`;
}

/** What the memory counts for an answer, in bytes: more than it takes, as measured by `npm run bench`. */
export function sizeOfAnswer({
  candidates,
  attestations,
}: Pick<StoreAnswer, 'candidates' | 'attestations'>): number {
  const all = attestations.length === 0 ? candidates : [...new Set([...candidates, ...attestations])];
  return LIMITS.factOverheadBytes + sizeOfCandidates(all);
}
