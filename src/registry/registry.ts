// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../image/digest.ts';
import type { Repository } from '../image/reference.ts';
import type { Descriptor } from './descriptor.ts';
import type { Exchange } from './exchange.ts';
import type { NoReferrers } from './list-referrers.ts';
import type { Manifest } from './manifest.ts';

/**
 * How much of an answer is read: `limit` bytes; `take` is told of each piece before it is kept, and refuses it by
 * throwing, which then is what the call throws.
 */
export type Reading = { readonly limit?: number; readonly take?: (bytes: number) => void };

/**
 * What is read from OCI registries (distribution specification 1.1). Nothing is written and nothing remembered
 * but authorization, and which mirror failed. Every call may throw, beside its own codes: REGISTRY_UNAUTHORIZED,
 * REGISTRY_UNREACHABLE, PROXY_UNREACHABLE, PROXY_REFUSED, REGISTRY_ERROR, REGISTRY_RATE_LIMITED, RESPONSE_MALFORMED, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN,
 * PLAIN_HTTP_FORBIDDEN, REDIRECT_FORBIDDEN, TOKEN_REALM_FORBIDDEN, DEADLINE_EXCEEDED, CANCELLED.
 */
export interface Registry {
  /** The digest that the tag has now. @throws IMAGE_NOT_FOUND, DIGEST_MISMATCH */
  resolveTag(repository: Repository, tag: string, exchange: Exchange): Promise<Digest>;
  /**
   * A manifest or index, its digest checked. `undefined` only where the registry said that it has none.
   * At most `LIMITS.manifestBytes`, where the reading does not say less.
   * @throws DIGEST_MISMATCH
   */
  manifest(
    repository: Repository,
    reference: Digest | { readonly tag: string },
    exchange: Exchange,
    reading?: Reading,
  ): Promise<Manifest | undefined>;
  /**
   * A blob of exactly the descriptor's size and digest; one of more than `limit` bytes is not even asked for.
   * @throws BLOB_NOT_FOUND, DIGEST_MISMATCH
   */
  blob(
    repository: Repository,
    descriptor: { readonly digest: Digest; readonly size: number },
    limit: number,
    exchange: Exchange,
  ): Promise<Uint8Array>;
  /** All manifests that refer to the digest, over all pages, or why there is no list. */
  referrers(
    repository: Repository,
    digest: Digest,
    exchange: Exchange,
    reading?: Pick<Reading, 'take'>,
  ): Promise<Descriptor[] | NoReferrers>;
  /** All tags, over all pages. @throws IMAGE_NOT_FOUND */
  tags(repository: Repository, exchange: Exchange): Promise<string[]>;
  /**
   * Tells apart the credentials that would be tried, all of them and in their order, for cache keys in this
   * process; `''` for none.
   */
  credentialId(repository: Repository, exchange: Pick<Exchange, 'credentials'>): string;
  /**
   * Makes the credentials known that would be tried, where a helper program has to be asked for them first;
   * `undefined` where they are. To be called before `credentialId`.
   * @throws REGISTRY_UNAUTHORIZED where the helper fails
   */
  ready(repository: Repository, exchange: Exchange): Promise<void> | undefined;
  /** Ends all connections. */
  close(): Promise<void>;
}
