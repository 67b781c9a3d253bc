// SPDX-License-Identifier: Apache-2.0
import { formatPinnedImage, type PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import { createBudget } from './budget.ts';
import { BYTES_UNDER_WAY } from './bytes-under-way.ts';
import type { StoreAnswer } from './discovery.ts';
import { withoutDuplicates } from './duplicates.ts';
import { createFactCache, type Remembered } from './fact-cache.ts';
import { createFlights } from './flight.ts';
import type { Source } from './legacy-signatures.ts';
import { sizeOfCandidates } from './size-of-candidates.ts';
import { createSlots } from './slots.ts';

/** What one store holds for an image, at most `maxAgeMs` old: at once where it is remembered. */
export type StoreFacts = (
  key: string,
  image: PinnedImage,
  exchange: Exchange,
  maxAgeMs: number,
) => Remembered<StoreAnswer> | Promise<Remembered<StoreAnswer>>;

/**
 * The answers of one store, remembered by {@link factKey}, and asked once for all who ask
 * at the same time. An answer in which something could not be read is given out and not remembered.
 */
export function createStoreFacts(
  registry: Registry,
  read: (image: PinnedImage, source: Source) => Promise<StoreAnswer>,
  onLookup: (hit: boolean) => void,
): StoreFacts {
  const flights = createFlights<Remembered<StoreAnswer>>();
  const facts = createFactCache<StoreAnswer>({
    entries: LIMITS.candidateFacts,
    bytes: LIMITS.candidateFactsBytes,
    sizeOf: sizeOfAnswer,
  });

  return (key, image, exchange, maxAgeMs) => {
    const known = facts.recall(key, maxAgeMs);
    onLookup(known !== undefined);
    if (known !== undefined) return known;
    return flights(key, exchange, async (shared) => {
      const found = await readWithinShare(image, shared);
      const answer = factKey(registry, image, shared) === key ? found : ofAnother(found);
      return answer.complete ? facts.remember(key, answer) : { value: answer, at: performance.now() };
    });
  };

  async function readWithinShare(image: PinnedImage, exchange: Exchange): Promise<StoreAnswer> {
    const share = BYTES_UNDER_WAY.begin();
    try {
      const answer = await read(image, {
        registry,
        repository: image,
        exchange,
        slots: createSlots(LIMITS.requestsPerImage),
        budget: createBudget(share),
      });
      return { ...answer, candidates: withoutDuplicates(answer.candidates) };
    } finally {
      share.end();
    }
  }
}

/** The credential was replaced meanwhile: what was found must not be remembered, or learned from, as the old one's. */
function ofAnother(answer: StoreAnswer): StoreAnswer {
  return { ...answer, complete: false, unsupported: false };
}

/** All that an answer depends on: credentials, repository and digest. */
export function factKey(registry: Registry, image: PinnedImage, exchange: Exchange): string {
  return `${registry.credentialId(image, exchange)} ${formatPinnedImage(image)}`;
}

/** What the memory counts for an answer, in bytes: more than it takes, as measured by `npm run bench`. */
export function sizeOfAnswer({ candidates }: Pick<StoreAnswer, 'candidates'>): number {
  return LIMITS.factOverheadBytes + sizeOfCandidates(candidates);
}
