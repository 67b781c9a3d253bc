// SPDX-License-Identifier: Apache-2.0
import type { PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import { createFactCache } from './fact-cache.ts';
import { createFlights } from './flight.ts';
import { type Platforms, readPlatforms } from './platforms.ts';
import { factKey } from './store-facts.ts';
import { withinShare } from './within-share.ts';

/** What a digest holds; see {@link readPlatforms}. At once where it is remembered. */
export type PlatformFacts = (image: PinnedImage, exchange: Exchange) => Platforms | Promise<Platforms>;

/**
 * Digest → the images below it, asked once for all who ask at the same time. The bytes of a digest never change, so a fact
 * is remembered until others need its room; a failure is not remembered. The key holds credential and repository too.
 */
export function createPlatformFacts(registry: Registry, onLookup: (hit: boolean) => void): PlatformFacts {
  const flights = createFlights<Platforms>();
  const facts = createFactCache<Platforms>({
    entries: LIMITS.platformFacts,
    bytes: LIMITS.platformFactsBytes,
    sizeOf: sizeOfPlatforms,
  });

  return (image, exchange) => {
    const key = factKey(registry, image, exchange);
    const known = facts.recall(key, Number.POSITIVE_INFINITY);
    onLookup(known !== undefined);
    if (known !== undefined) return known.value;
    return flights(key, exchange, async (shared) => {
      const found = await withinShare(registry, image, shared, (source) => readPlatforms(image, source));
      // Where the credential was replaced meanwhile, this is what the new one saw.
      if (factKey(registry, image, shared) === key) facts.remember(key, found);
      return found;
    });
  };
}

/** A few objects and texts of up to 150 characters for each image. */
function sizeOfPlatforms({ children = [] }: Platforms): number {
  return LIMITS.factOverheadBytes + children.length * LIMITS.platformFactBytes;
}
