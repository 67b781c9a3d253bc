// SPDX-License-Identifier: Apache-2.0
import { asCountersignError } from '../errors.ts';
import type { Storage } from '../verify/index.ts';
import { combineCandidates } from './combine-candidates.ts';
import type { Discovery, Found, Place, StoreAnswer, StoreFailure } from './discovery.ts';
import type { Remembered } from './fact-cache.ts';

/** What one store answered, and when. */
export type Fact = Remembered<StoreAnswer>;

/** What came of asking a store. */
export type Asked = { readonly fact: Fact } | { readonly failure: StoreFailure };

/** The fact, or why the store could not be asked. */
export async function orFailure(storage: Storage, asked: Fact | Promise<Fact>): Promise<Asked> {
  try {
    return { fact: await asked };
  } catch (error) {
    return { failure: failureOf(storage, error) };
  }
}

/** Nothing can be asked: it is not known as whom. */
export function failAll({ attestations }: Place, error: unknown): Discovery {
  const failures = (['tag', 'referrer'] as const).map((storage) => failureOf(storage, error));
  const found = { candidates: [], failures };
  return { ...found, ...(attestations && { attestations: found }), ageMs: 0 };
}

/** Believed only of a repository that answered for referrers or for one of the tags with content. */
export function lacksReferrersApi(referrers: Asked, tags: readonly (Asked | undefined)[]): boolean {
  if (!('fact' in referrers) || !referrers.fact.value.unsupported) return false;
  return [referrers, ...tags].some((one) => one !== undefined && 'fact' in one && one.fact.value.answered);
}

/**
 * What the stores say together: signatures from `tags` and `referrers`; attestations, where `attached` was asked for
 * them, from that and the same referrers. A store that failed fails only what is looked for in it.
 */
export function combine(tags: Asked, referrers: Asked, attached: Asked | undefined): Discovery {
  const now = performance.now();
  const ages = [tags, referrers, attached].map((one) => (one && 'fact' in one ? now - one.fact.at : 0));
  return {
    ...foundIn(tags, referrers, 'candidates'),
    ...(attached && { attestations: foundIn(attached, referrers, 'attestations') }),
    ageMs: Math.max(...ages),
  };
}

/** The same where everything is remembered. */
export function recallAll(tags: Fact, referrers: Fact, attached: Fact | undefined): Discovery {
  const candidates = combineCandidates(tags, referrers);
  const at = Math.min(tags.at, referrers.at);
  if (attached === undefined) return { candidates, failures: [], ageMs: performance.now() - at };
  const attestations = {
    candidates: combineCandidates(attached, referrers, 'attestations'),
    failures: [],
  };
  return { candidates, failures: [], attestations, ageMs: performance.now() - Math.min(at, attached.at) };
}

function foundIn(tags: Asked, referrers: Asked, kind: 'candidates' | 'attestations'): Found {
  if ('fact' in tags && 'fact' in referrers) {
    return { candidates: combineCandidates(tags.fact, referrers.fact, kind), failures: [] };
  }
  const both = [tags, referrers];
  return {
    candidates: both.flatMap((one) => ('fact' in one ? one.fact.value[kind] : [])),
    failures: both.flatMap((one) => ('failure' in one ? [one.failure] : [])),
  };
}

function failureOf(storage: Storage, error: unknown): StoreFailure {
  const { code, message } = asCountersignError(error);
  return { storage, code, message };
}
