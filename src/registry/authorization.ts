// SPDX-License-Identifier: Apache-2.0
import { LRUCache } from 'lru-cache';
import { CountersignError } from '../errors.ts';
import { formatRepository, type Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Credential, Credentials } from './credential.ts';
import type { Scope } from './exchange.ts';
import type { Reach } from './reach.ts';
import { type Arrival, type Errand, followRedirects } from './redirects.ts';
import { createSharedFlights } from './shared-flight.ts';
import { basicAuthorization, fetchToken, type Token } from './token.ts';
import { type Answer, discard, type Transport } from './transport.ts';

/** Sends requests with the authorization that the registry asks for. */
export type AuthorizedSend = (
  errand: Omit<Errand, 'registry' | 'authorization'>,
  repository: Repository,
  scope: Scope,
) => Promise<Answer>;

type World = { readonly reach: Reach; readonly transport: Transport; readonly credentials: Credentials };

/**
 * Answers challenges of registries: anonymous, Basic and Bearer, each request by itself (no `/v2/` ping). What
 * a host took once (Basic for this credential, a token for this repository) is sent along from then on; where
 * it is refused, the challenge is answered once more, and a second 401 is the answer.
 *
 * A credential goes to its own host only, and only after a challenge of that very origin.
 */
export function createAuthorizedSend(world: World): AuthorizedSend {
  const known = createMemory(world);

  return async (errand, repository, scope) => {
    const credential = world.credentials.find(repository);
    const holder: Holder = { repository, credential, origin: errand.url.origin };
    const send = (authorization: string | undefined) =>
      followRedirects({ ...errand, registry: repository.registry, authorization }, world, scope);

    const sent = known.recall(holder);
    const first = await send(sent);
    if (!isChallenge(first)) return first.answer;
    discard(first.answer);
    const authorization = await known.answer(holder, first.answer, sent, scope);
    const second = await send(authorization);
    if (isChallenge(second)) known.forget(holder, authorization);
    return second.answer;
  };
}

/** Only the registry itself may ask who we are: what a redirect led to is answered by nothing. */
function isChallenge({ answer, left }: Arrival): boolean {
  return answer.status === 401 && !left;
}

type Holder = {
  readonly repository: Repository;
  readonly credential: Credential | undefined;
  readonly origin: string;
};

type Memory = {
  /** What the host took last time, if it holds still. */
  recall(holder: Holder): string | undefined;
  /** What answers the challenge. Throws REGISTRY_UNAUTHORIZED where nothing does that was not refused already. */
  answer(holder: Holder, refusal: Answer, sent: string | undefined, scope: Scope): Promise<string>;
  forget(holder: Holder, authorization: string): void;
};

function createMemory(world: World): Memory {
  const basic = new LRUCache<string, true>({ max: LIMITS.tokens });
  const tokens = new LRUCache<string, Token>({
    max: LIMITS.tokens,
    maxSize: LIMITS.tokensBytes,
    sizeCalculation: ({ text }) => text.length,
  });
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
