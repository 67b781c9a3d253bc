// SPDX-License-Identifier: Apache-2.0
import { LRUCache } from 'lru-cache';
import { CountersignError } from '../errors.ts';
import { formatRepository, type Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import { lruBounds } from '../lru-bounds.ts';
import { type AuthorizationMemory, createAuthorizationMemory, type Holder } from './authorization-memory.ts';
import { type Credential, idOf } from './credential.ts';
import type { Scope } from './exchange.ts';
import type { Reach } from './reach.ts';
import { type Arrival, type Errand, followRedirects } from './redirects.ts';
import { type Answer, discard, type Transport } from './transport.ts';

/** Sends requests with the authorization that the registry asks for. */
export type AuthorizedSend = (
  errand: Omit<Errand, 'registry' | 'authorization'>,
  asker: Asker,
  scope: Scope,
) => Promise<Answer>;

/** What is asked for, and the credentials that may be tried for it, in this order. */
type Asker = { readonly repository: Repository; readonly credentials: readonly Credential[] };

type World = { readonly reach: Reach; readonly transport: Transport };

/**
 * Answers challenges of registries: anonymous, Basic and Bearer, each request by itself (no `/v2/` ping). What
 * a host took once (Basic for this credential, a token for this repository) is sent along from then on; where
 * it is refused, the challenge is answered once more, and a second 401 is the answer.
 *
 * Of several credentials the next is tried where one is refused (401, 403, no token), and the one that was taken
 * comes first from then on, for this repository and this set of credentials.
 *
 * A credential goes to its own host only, and only after a challenge of that very origin.
 */
export function createAuthorizedSend(world: World): AuthorizedSend {
  const known = createAuthorizationMemory(world);
  const taken = new LRUCache<string, string>(lruBounds({ entries: LIMITS.tokens }));

  return async (errand, asker, scope) => {
    const { repository, credentials } = asker;
    const send = (authorization: string | undefined) =>
      followRedirects({ ...errand, registry: repository.registry, authorization }, world, scope);
    if (credentials.length < 2) {
      const holder = { repository, credential: credentials[0], origin: errand.url.origin };
      return answerOf(await attempt(known, holder, undefined, send, scope));
    }
    const key = `${formatRepository(repository)} ${idOf(credentials)}`;
    let last: Attempt | undefined;
    for (const credential of inOrder(credentials, taken.get(key))) {
      const holder = { repository, credential, origin: errand.url.origin };
      if (last?.answer !== undefined) discard(last.answer);
      last = await attempt(known, holder, last?.challenge, send, scope);
      if (last.refused) continue;
      if (last.taken) taken.set(key, credential.id);
      break;
    }
    if (last === undefined) throw new TypeError('no credential was tried');
    return answerOf(last);
  };
}

/** The one that was taken last time, then the others as they come. */
function inOrder(credentials: readonly Credential[], first: string | undefined): readonly Credential[] {
  if (first === undefined) return credentials;
  return credentials.toSorted((a, b) => Number(b.id === first) - Number(a.id === first));
}

/** What came of one credential: an answer, or why none could be asked for; and the newest challenge. */
type Attempt = {
  readonly refused: boolean;
  /** The credential was shown, and the answer is what was asked for. */
  readonly taken?: boolean;
  readonly answer?: Answer;
  readonly error?: CountersignError;
  readonly challenge?: Answer | undefined;
};

function answerOf({ answer, error }: Attempt): Answer {
  if (answer !== undefined) return answer;
  throw error;
}

/** `challenge`: what the registry answered to the credential before this one; it is answered without asking again. */
async function attempt(
  known: AuthorizationMemory,
  holder: Holder,
  challenge: Answer | undefined,
  send: (authorization: string | undefined) => Promise<Arrival>,
  scope: Scope,
): Promise<Attempt> {
  const sent = known.recall(holder);
  let refusal = challenge;
  if (sent !== undefined || refusal === undefined) {
    const first = await send(sent);
    // Without a challenge no other credential can be shown either: the answer to nobody is the answer.
    if (!isChallenge(first)) return { ...judged(first, sent !== undefined), challenge };
    discard(first.answer);
    refusal = first.answer;
  }
  let authorization: string;
  try {
    authorization = await known.answer(holder, refusal, sent, scope);
  } catch (error) {
    if (!(error instanceof CountersignError) || error.code !== 'REGISTRY_UNAUTHORIZED') throw error;
    return { error, refused: true, challenge: refusal };
  }
  const second = await send(authorization);
  if (isChallenge(second)) known.forget(holder, authorization);
  const newest = isChallenge(second) ? second.answer : refusal;
  return { ...judged(second, true), challenge: newest };
}

function judged(arrival: Arrival, shown: boolean): Pick<Attempt, 'answer' | 'refused' | 'taken'> {
  const { answer, left } = arrival;
  const refused = shown && !left && (answer.status === 401 || answer.status === 403);
  return { answer, refused, taken: shown && answer.status < 400 };
}

/** Only the registry itself may ask who we are: what a redirect led to is answered by nothing. */
function isChallenge({ answer, left }: Arrival): boolean {
  return answer.status === 401 && !left;
}
