// SPDX-License-Identifier: Apache-2.0
import { asCountersignError } from '../errors.ts';
import type { PinnedImage, Repository } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import type { Storage } from '../verify/index.ts';
import { combineCandidates } from './combine-candidates.ts';
import type { Discovery, Place, StoreAnswer, StoreFailure } from './discovery.ts';
import type { Remembered } from './fact-cache.ts';
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
   * The candidates of a digest from both stores of a place, asked side by side. A store that could not be asked is part
   * of the answer, never an exception. At once, without a promise, where both are remembered. `maxAgeMs` (default: what {@link LIMITS}.candidateFactMs says) asks for
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
      return asking.then(() => discover(place, exchange, maxAgeMs), failBoth);
    },
  };

  function discover(place: Place, exchange: Exchange, maxAgeMs: number): Discovery | Promise<Discovery> {
    const key = factKey(registry, place, exchange);
    const tags = askTags(key, place, exchange, maxAgeMs);
    const referrers = askReferrers(key, place, exchange, maxAgeMs);
    if (tags instanceof Promise || referrers instanceof Promise)
      return settle(place, exchange, tags, referrers);
    return recallBoth(tags, referrers);
  }

  async function settle(
    place: Place,
    exchange: Exchange,
    tagFact: Fact | Promise<Fact>,
    referrerFact: Fact | Promise<Fact>,
  ): Promise<Discovery> {
    const [tags, referrers] = await Promise.all([
      orFailure('tag', tagFact),
      orFailure('referrer', referrerFact),
    ]);
    if (lacksReferrersApi(tags, referrers)) support.learnUnsupported(place, exchange);
    return combine(tags, referrers);
  }
}

type Fact = Remembered<StoreAnswer>;
type Asked = { readonly fact: Fact } | { readonly failure: StoreFailure };

async function orFailure(storage: Storage, asked: Fact | Promise<Fact>): Promise<Asked> {
  try {
    return { fact: await asked };
  } catch (error) {
    const { code, message } = asCountersignError(error);
    return { failure: { storage, code, message } };
  }
}

/** Neither store can be asked: it is not known as whom. */
function failBoth(error: unknown): Discovery {
  const { code, message } = asCountersignError(error);
  const failures = (['tag', 'referrer'] as const).map((storage) => ({ storage, code, message }));
  return { candidates: [], failures, ageMs: 0 };
}

/** Believed only of a repository that answered one of the two stores with content. */
function lacksReferrersApi(tags: Asked, referrers: Asked): boolean {
  if (!('fact' in referrers) || !referrers.fact.value.unsupported) return false;
  return referrers.fact.value.answered || ('fact' in tags && tags.fact.value.answered);
}

function combine(tags: Asked, referrers: Asked): Discovery {
  if ('fact' in tags && 'fact' in referrers) return recallBoth(tags.fact, referrers.fact);
  const now = performance.now();
  const both = [tags, referrers];
  const facts = both.flatMap((one) => ('fact' in one ? [one.fact] : []));
  return {
    candidates: facts.flatMap((fact) => fact.value.candidates),
    failures: both.flatMap((one) => ('failure' in one ? [one.failure] : [])),
    ageMs: facts.reduce((age, fact) => Math.max(age, now - fact.at), 0),
  };
}

function recallBoth(tags: Fact, referrers: Fact): Discovery {
  const candidates = combineCandidates(tags, referrers);
  return { candidates, failures: [], ageMs: performance.now() - Math.min(tags.at, referrers.at) };
}
