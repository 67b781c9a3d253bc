// SPDX-License-Identifier: Apache-2.0
import { LRUCache } from 'lru-cache';
import { CountersignError } from '../errors.ts';
import { formatRepository, type Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import { lruBounds } from '../lru-bounds.ts';
import { basicAuthorization } from './basic-authorization.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Credential } from './credential.ts';
import type { Scope } from './exchange.ts';
import type { Reach } from './reach.ts';
import { createSharedFlights } from './shared-flight.ts';
import { fetchToken, type Token } from './token.ts';
import type { Answer, Transport } from './transport.ts';

/** Who asks where, and for what. */
export type Holder = {
  readonly repository: Repository;
  readonly credential: Credential | undefined;
  readonly origin: string;
};

/** What registries took, by origin or repository and by credential. */
export type AuthorizationMemory = {
  /** What the host took last time, if it holds still. */
  recall(holder: Holder): string | undefined;
  /** What answers the challenge. Throws REGISTRY_UNAUTHORIZED where nothing does that was not refused already. */
  answer(holder: Holder, refusal: Answer, sent: string | undefined, scope: Scope): Promise<string>;
  forget(holder: Holder, authorization: string): void;
};

/** An empty memory; tokens that several need at once are fetched once. */
export function createAuthorizationMemory(world: {
  readonly reach: Reach;
  readonly transport: Transport;
}): AuthorizationMemory {
  const basic = new LRUCache<string, true>(lruBounds({ entries: LIMITS.tokens }));
  const sizeOf = ({ text }: Token) => text.length;
  const bounds = { entries: LIMITS.tokens, bytes: LIMITS.tokensBytes, sizeOf };
  const tokens = new LRUCache<string, Token>(lruBounds(bounds));
  const flights = createSharedFlights<Token>();

  return {
    recall(holder) {
      const { credential } = holder;
      if (credential?.kind === 'password' && basic.has(hostKey(holder))) {
        return basicAuthorization(credential.username, credential.password);
      }
      const token = liveToken(holder);
      return token && bearer(token);
    },
    async answer(holder, refusal, sent, scope) {
      const challenges = parseChallenges(refusal.header('www-authenticate'));
      const wanted = challenges.find(
        ({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'),
      );
      if (wanted !== undefined) {
        basic.delete(hostKey(holder));
        return bearer(await renewToken(holder, wanted, sent, scope));
      }
      const { credential } = holder;
      const wantsBasic = challenges.some(({ scheme }) => scheme === 'basic');
      if (credential?.kind !== 'password' || !wantsBasic) throw unauthorized(holder, refusal);
      const authorization = basicAuthorization(credential.username, credential.password);
      if (authorization === sent) throw unauthorized(holder, refusal);
      basic.set(hostKey(holder), true);
      return authorization;
    },
    forget(holder, authorization) {
      basic.delete(hostKey(holder));
      const token = tokens.get(tokenKey(holder));
      if (token !== undefined && bearer(token) === authorization) tokens.delete(tokenKey(holder));
    },
  };

  function liveToken(holder: Holder): Token | undefined {
    const token = tokens.get(tokenKey(holder));
    return token !== undefined && token.expires > performance.now() ? token : undefined;
  }

  /** Somebody else may have renewed it while this request was under way with the old one. */
  async function renewToken(
    holder: Holder,
    challenge: Challenge,
    sent: string | undefined,
    scope: Scope,
  ): Promise<Token> {
    const live = liveToken(holder);
    if (live !== undefined && bearer(live) !== sent) return live;
    const { registry, repository } = holder.repository;
    const request = { registry, repository, challenge, credential: holder.credential };
    return flights(`${tokenKey(holder)} ${challenge.parameters.get('realm')}`, scope, async (shared) => {
      const token = await fetchToken(request, world, shared);
      tokens.set(tokenKey(holder), token);
      return token;
    });
  }
}

function unauthorized({ repository, credential }: Holder, { url }: Answer): CountersignError {
  const found =
    credential === undefined ? 'wants credentials, and there are none' : 'refuses the credentials';
  const message = `${url.host}: ${formatRepository(repository)}: the registry ${found} for this repository`;
  return new CountersignError('REGISTRY_UNAUTHORIZED', message);
}

function bearer(token: Token): string {
  return `Bearer ${token.text}`;
}

function hostKey({ origin, credential }: Holder): string {
  return `${origin} ${credential?.id ?? ''}`;
}

function tokenKey({ repository, credential }: Holder): string {
  return `${repository.registry} ${repository.repository} ${credential?.id ?? ''}`;
}
