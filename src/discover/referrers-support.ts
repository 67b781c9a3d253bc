// SPDX-License-Identifier: Apache-2.0
import { LRUCache } from 'lru-cache';
import { formatRepository, type Repository } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import { lruBounds } from '../lru-bounds.ts';
import type { Exchange, Registry } from '../registry/index.ts';

/**
 * Remembers of which repositories a registry does not serve the referrers API, so that the fallback tag
 * is asked for at once. It is learned per repository, only where the repository answered otherwise (a
 * refusal that looks like "no such API" must not hide bundles) and credential (a registry may hide its referrers
 * from one caller only), and forgotten after ten minutes.
 */
export type ReferrersSupport = {
  isKnownUnsupported(repository: Repository, exchange: Exchange): boolean;
  learnUnsupported(repository: Repository, exchange: Exchange): void;
};

/** An empty memory of what this client learns. */
export function createReferrersSupport(registry: Pick<Registry, 'credentialId'>): ReferrersSupport {
  const unsupported = new LRUCache<string, true>({
    ...lruBounds<true>({ entries: LIMITS.referrersSupportFacts }),
    ttl: LIMITS.referrersSupportMs,
  });
  const keyOf = (repository: Repository, exchange: Exchange) =>
    `${registry.credentialId(repository, exchange)} ${formatRepository(repository)}`;
  return {
    isKnownUnsupported: (repository, exchange) => unsupported.has(keyOf(repository, exchange)),
    learnUnsupported: (repository, exchange) => {
      unsupported.set(keyOf(repository, exchange), true);
    },
  };
}
