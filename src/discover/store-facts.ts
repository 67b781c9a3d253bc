// SPDX-License-Identifier: Apache-2.0
import { formatPinnedImage, type PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import type { Candidate } from '../verify/index.ts';
import { createBudget } from './budget.ts';
import type { StoreAnswer } from './discovery.ts';
import { createFactCache, type Remembered } from './fact-cache.ts';
import { createFlights } from './flight.ts';
import type { Source } from './legacy-signatures.ts';
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
      const answer = await read(image, {
        registry,
        repository: image,
        exchange: shared,
        slots: createSlots(LIMITS.requestsPerImage),
        budget: createBudget(),
      });
      return answer.complete ? facts.remember(key, answer) : { value: answer, at: performance.now() };
    });
  };
}

/** All that an answer depends on: credential, repository and digest. */
export function factKey(registry: Registry, image: PinnedImage): string {
  return `${registry.credentialId(image)} ${formatPinnedImage(image)}`;
}

/** What the memory counts for an answer, in bytes: more than it takes, as measured by `npm run bench`. */
export function sizeOfAnswer(answer: StoreAnswer): number {
  return answer.candidates.reduce<number>(
    (sum, candidate) => sum + sizeOfCandidate(candidate),
    LIMITS.factOverheadBytes,
  );
}

function sizeOfCandidate(candidate: Candidate): number {
  if (candidate.kind === 'unreadable') return candidate.message.length + LIMITS.factOverheadBytes;
  // As it came, and as it was read.
  if (candidate.kind === 'bundle') return 2 * candidate.bytes.length + LIMITS.factOverheadBytes;
  const annotations = Object.entries(candidate.annotations);
  const text = annotations.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return candidate.payload.length + text + LIMITS.factOverheadBytes;
}
