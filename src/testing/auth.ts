// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { type Answer, answerError, answerJson } from './answer.ts';
import type { Incoming, Route } from './route.ts';

/** Who may log in, and to which repositories (default: all). */
export type TestUser = {
  readonly username: string;
  readonly password: string;
  readonly repositories?: readonly string[];
};

type Rights = {
  readonly users: readonly TestUser[];
  /** Whether pulling works without credentials. Default false. */
  readonly anonymousPull?: boolean;
  /** Repositories that nobody may push to or delete from over HTTP. */
  readonly pullOnly?: readonly string[];
};

/** How callers prove who they are. With `bearer` the token endpoint is `/token` of the same server. */
export type TestAuth =
  | { readonly kind: 'anonymous'; readonly pullOnly?: readonly string[] }
  | ({ readonly kind: 'basic' } & Rights)
  | ({ readonly kind: 'bearer' } & Rights & {
        /** Seconds that a token lives, and says it lives. Default 300. */
        readonly expiresIn?: number;
        /** The field that carries the token: both spellings are in use. Default `token`. */
        readonly tokenField?: 'token' | 'access_token';
        /** The realm of the challenge, where it is not this server. */
        readonly realm?: string;
        /** Default `registry.test`. */
        readonly service?: string;
      });

type Action = 'pull' | 'push' | 'delete';
type Need = { readonly repository: string; readonly action: Action };

/** Stands before every handler. */
export type Gate = {
  /** The refusal, or `undefined` for who may pass. */
  refuse(incoming: Incoming): Answer | undefined;
  /** Answers the token endpoint. */
  token(incoming: Incoming): Answer;
  /** Makes every token handed out so far worthless, as an expiry would. */
  revokeTokens(): void;
};

type Bearer = Extract<TestAuth, { readonly kind: 'bearer' }>;
type Tokens = Map<string, { readonly expires: number; readonly access: readonly Need[] }>;

export function createGate(auth: TestAuth, url: () => string): Gate {
  const tokens: Tokens = new Map();
  return {
    refuse(incoming) {
      const need = needOf(incoming);
      if (auth.kind === 'bearer') return refuseBearer(tokens, incoming, need, challengeOf(auth, url(), need));
      if (auth.kind === 'basic') return refuseBasic(auth, incoming, need);
      return need && !mayAnyone(auth, need) ? denied() : undefined;
    },
    token: (incoming) =>
      auth.kind === 'bearer' && incoming.method === 'GET'
        ? answerToken(tokens, auth, incoming)
        : answerError(404, 'UNSUPPORTED', 'no token endpoint'),
    revokeTokens: () => tokens.clear(),
  };
}

function refuseBearer(
  tokens: Tokens,
  incoming: Incoming,
  need: Need | undefined,
  challenge: string,
): Answer | undefined {
  const token = /^Bearer (.+)$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (!token) return unauthorized(challenge);
  const grant = tokens.get(token);
  if (!grant || grant.expires <= Date.now()) return unauthorized(`${challenge},error="invalid_token"`);
  return covers(grant.access, need) ? undefined : unauthorized(`${challenge},error="insufficient_scope"`);
}

function answerToken(tokens: Tokens, auth: Bearer, incoming: Incoming): Answer {
  const user = loginOf(auth, incoming);
  if (user === 'wrong' || (!user && !auth.anonymousPull)) return unauthorized('Basic realm="token"');
  const access = parseScopes(incoming.query.getAll('scope')).filter((need) => may(auth, user, need));
  const seconds = auth.expiresIn ?? 300;
  const token = randomBytes(24).toString('base64url');
  tokens.set(token, { expires: Date.now() + seconds * 1000, access });
  const issued_at = new Date().toISOString();
  return answerJson(200, { [auth.tokenField ?? 'token']: token, expires_in: seconds, issued_at });
}

function refuseBasic(rights: Rights, incoming: Incoming, need: Need | undefined): Answer | undefined {
  const user = loginOf(rights, incoming);
  const challenge = 'Basic realm="registry.test"';
  if (user === 'wrong') return unauthorized(challenge);
  if (need ? may(rights, user, need) : user || rights.anonymousPull) return undefined;
  return user ? denied() : unauthorized(challenge);
}

function loginOf(rights: Rights, incoming: Incoming): TestUser | 'wrong' | undefined {
  const header = incoming.headers.authorization;
  if (!header) return undefined;
  const encoded = /^Basic (.+)$/i.exec(header)?.[1] ?? '';
  const given = Buffer.from(encoded, 'base64').toString();
  return rights.users.find((user) => `${user.username}:${user.password}` === given) ?? 'wrong';
}

function may(rights: Rights, user: TestUser | undefined, need: Need): boolean {
  if (!mayAnyone(rights, need)) return false;
  if (!user) return need.action === 'pull' && (rights.anonymousPull ?? false);
  return user.repositories?.includes(need.repository) ?? true;
}

function mayAnyone(rights: { readonly pullOnly?: readonly string[] }, need: Need): boolean {
  return need.action === 'pull' || !rights.pullOnly?.includes(need.repository);
}

function needOf({ route, method }: Incoming): Need | undefined {
  return 'repository' in route
    ? { repository: route.repository, action: actionOf(route, method) }
    : undefined;
}

function actionOf(route: Route, method: string): Action {
  if (method === 'DELETE') return 'delete';
  return route.kind !== 'upload' && (method === 'GET' || method === 'HEAD') ? 'pull' : 'push';
}

function covers(access: readonly Need[], need: Need | undefined): boolean {
  return !need || access.some((have) => have.repository === need.repository && have.action === need.action);
}

// The challenge and scope syntax of the distribution project's token specification.
function challengeOf(
  auth: { readonly realm?: string; readonly service?: string },
  url: string,
  need: Need | undefined,
): string {
  const base = `Bearer realm="${auth.realm ?? `${url}/token`}",service="${auth.service ?? 'registry.test'}"`;
  if (!need) return base;
  const actions = need.action === 'push' ? 'pull,push' : need.action;
  return `${base},scope="repository:${need.repository}:${actions}"`;
}

function parseScopes(scopes: readonly string[]): Need[] {
  return scopes
    .flatMap((scope) => scope.split(' '))
    .flatMap((scope) => {
      const [, repository, actions] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? [];
      return actionsOf(actions).map((action) => ({ repository: repository ?? '', action }));
    });
}

function actionsOf(list: string | undefined): Action[] {
  const named = list?.split(',') ?? [];
  return (['pull', 'push', 'delete'] as const).filter(
    (action) => named.includes(action) || named.includes('*'),
  );
}

function unauthorized(challenge: string): Answer {
  return answerError(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challenge });
}

function denied(): Answer {
  return answerError(403, 'DENIED', 'requested access to the resource is denied');
}
