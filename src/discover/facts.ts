// SPDX-License-Identifier: Apache-2.0
import type { PinnedImage, Repository } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import { combine, type Fact, failAll, lacksReferrersApi, orFailure, recallAll } from './combine-facts.ts';
import type { Discovery, Place } from './discovery.ts';
import { createPlatformFacts } from './platform-facts.ts';
import type { Platforms } from './platforms.ts';
import { readReferrerStore } from './referrer-store.ts';
import { createReferrersSupport } from './referrers-support.ts';
import { createStoreFacts, factKey } from './store-facts.ts';
import { createTagFacts, type TagAnswer } from './tag-facts.ts';
import { readTagStore } from './tag-store.ts';

/** Which memory of facts was asked; the label of a metric. */
export type FactKind = 'tag' | 'signatures' | 'platforms';

/**
 * What the registries say about the world: tag → digest, digest → candidates. Remembered within bounds, asked
 * once for all who ask at the same time. Failures are never remembered; verdicts are not kept here at all.
 */
export interface Facts {
  /**
   * The digest that a tag gives, and when the registry said so.
   * @throws CountersignError IMAGE_NOT_FOUND and the registry's codes
   */
  resolve(repository: Repository, tag: string, exchange: Exchange): Promise<TagAnswer>;
  /**
   * The candidates of a digest from both stores of a place, asked side by side; its attestations only where the place
   * says so, since that costs a request more. A store that could not be asked is part
   * of the answer, never an exception. At once, without a promise, where all is remembered. `maxAgeMs` (default: what {@link LIMITS}.candidateFactMs says) asks for
   * fresher facts than remembered ones may be.
   */
  discover(place: Place, exchange: Exchange, maxAgeMs?: number): Discovery | Promise<Discovery>;
  /**
   * The images below an index, or that the digest is no index. At once where it is remembered.
   * @throws CountersignError IMAGE_NOT_FOUND, BLOB_NOT_FOUND, LIMIT_EXCEEDED and the registry's codes
   */
  platforms(image: PinnedImage, exchange: Exchange): Platforms | Promise<Platforms>;
}

/** Facts over a registry client. `tagSeconds: 0` switches the memory of tags off; `onLookup` counts hits. */
export function createFacts(options: {
  readonly registry: Registry;
  readonly tagSeconds: number;
  readonly onLookup?: (kind: FactKind, hit: boolean) => void;
}): Facts {
  const { registry, tagSeconds, onLookup = () => {} } = options;
  const support = createReferrersSupport(registry);
  const onSignatures = (hit: boolean) => onLookup('signatures', hit);
  const resolve = createTagFacts(registry, tagSeconds, (hit) => onLookup('tag', hit));
  const askTags = createStoreFacts(registry, readTagStore, onSignatures);
  const askReferrers = createStoreFacts(
    registry,
    (place, source) => readReferrerStore(place, source, support),
    onSignatures,
  );

  const platforms = createPlatformFacts(registry, (hit) => onLookup('platforms', hit));

  return {
    async resolve(repository, tag, exchange) {
      await registry.ready(repository, exchange);
      return resolve(repository, tag, exchange);
    },
    platforms(image, exchange) {
      const asking = registry.ready(image, exchange);
      return asking === undefined
        ? platforms(image, exchange)
        : asking.then(() => platforms(image, exchange));
    },
    discover(place, exchange, maxAgeMs = LIMITS.candidateFactMs) {
      const asking = registry.ready(place, exchange);
      if (asking === undefined) return discover(place, exchange, maxAgeMs);
      return asking.then(
        () => discover(place, exchange, maxAgeMs),
        (error) => failAll(place, error),
      );
    },
  };

  function discover(place: Place, exchange: Exchange, maxAgeMs: number): Discovery | Promise<Discovery> {
    const key = factKey(registry, place, exchange);
    if (!place.attestations) {
      const tags = askTags(key, place, exchange, maxAgeMs);
      return all(place, exchange, tags, askReferrers(key, place, exchange, maxAgeMs));
    }
    // Where attestations are wanted, one more tag is asked for, and referrers are asked for both at once.
    const { attestations: _, ...signatures } = place;
    const tags = askTags(factKey(registry, signatures, exchange), signatures, exchange, maxAgeMs);
    const referrers = askReferrers(key, place, exchange, maxAgeMs);
    return all(place, exchange, tags, referrers, askTags(key, place, exchange, maxAgeMs));
  }

  function all(
    place: Place,
    exchange: Exchange,
    tags: Fact | Promise<Fact>,
    referrers: Fact | Promise<Fact>,
    attached?: Fact | Promise<Fact>,
  ): Discovery | Promise<Discovery> {
    if (tags instanceof Promise || referrers instanceof Promise || attached instanceof Promise) {
      return settle(place, exchange, tags, referrers, attached);
    }
    return recallAll(tags, referrers, attached);
  }

  async function settle(
    place: Place,
    exchange: Exchange,
    tagFact: Fact | Promise<Fact>,
    referrerFact: Fact | Promise<Fact>,
    attachedFact: Fact | Promise<Fact> | undefined,
  ): Promise<Discovery> {
    const [tags, referrers, attached] = await Promise.all([
      orFailure('tag', tagFact),
      orFailure('referrer', referrerFact),
      attachedFact && orFailure('tag', attachedFact),
    ]);
    if (lacksReferrersApi(referrers, [tags, attached])) support.learnUnsupported(place, exchange);
    return combine(tags, referrers, attached);
  }
}
