// SPDX-License-Identifier: Apache-2.0
import { type Digest, formatRepository, type Repository } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import { createFactCache } from './fact-cache.ts';
import { createFlights } from './flight.ts';

/** The digest that a tag gave, and when the registry said so, in `performance.now()` milliseconds. */
export type TagAnswer = { readonly digest: Digest; readonly at: number };

/** What a tag gives; see {@link createTagFacts}. */
export type TagFacts = (repository: Repository, tag: string, exchange: Exchange) => Promise<TagAnswer>;

/**
 * Tag → digest, remembered for `seconds` (0: not at all) and asked once for all who ask at the same time.
 * The key holds credential, repository and tag. A failure is not remembered.
 */
export function createTagFacts(
  registry: Registry,
  seconds: number,
  onLookup: (hit: boolean) => void,
): TagFacts {
  const flights = createFlights<TagAnswer>();
  const maxAgeMs = seconds * 1000;
  const facts = createFactCache<{ readonly digest: Digest }>({
    entries: LIMITS.tagFacts,
    bytes: LIMITS.tagFactsBytes,
    sizeOf: () => LIMITS.factOverheadBytes,
  });

  return async (repository, tag, exchange) => {
    const key = keyOf(repository, tag, exchange);
    const known = seconds > 0 ? facts.recall(key, maxAgeMs) : undefined;
    onLookup(known !== undefined);
    if (known !== undefined) return { digest: known.value.digest, at: known.at };
    return flights(key, exchange, async (shared) => {
      const digest = await registry.resolveTag(repository, tag, shared);
      // Where the credential was replaced meanwhile, this is what the new one saw.
      if (seconds > 0 && keyOf(repository, tag, exchange) === key) facts.remember(key, { digest });
      return { digest, at: performance.now() };
    });
  };

  function keyOf(repository: Repository, tag: string, exchange: Exchange): string {
    return `${registry.credentialId(repository, exchange)} ${formatRepository(repository)}:${tag}`;
  }
}
