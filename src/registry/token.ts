// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { basicAuthorization } from './basic-authorization.ts';
import { readBody } from './body.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from './credential.ts';
import type { Scope } from './exchange.ts';
import { malformed, parseJsonObject } from './json.ts';
import type { Reach } from './reach.ts';
import { withRetries } from './retry.ts';
import { refuseFailures, unexpectedStatus } from './status.ts';
import { type Answer, type Ask, discard, type Transport } from './transport.ts';
import { parseServerUrl } from './url.ts';

/** A bearer token, and until when it may be used: on the clock of `performance.now()`. */
export type Token = { readonly text: string; readonly expires: number };

/** For what a token is asked. */
export type TokenRequest = {
  readonly registry: string;
  readonly repository: string;
  readonly challenge: Challenge;
  readonly credential: Credential | undefined;
};

const DEFAULT_SECONDS = 60;
const LONGEST_SECONDS = 3600;
const MARGIN_SECONDS = 10;
const LONGEST_TOKEN = 16 * 1024;

/**
 * Asks the token server of a challenge for a token to pull from one repository (distribution: "Token
 * Authentication Specification", "OAuth2 token authentication"). The scope is ours, not the challenge's, so
 * a registry cannot ask for more than to pull from the repository in question.
 *
 * A realm on another host gets the credential only where the reach says so. Asking there as nobody is allowed
 * over TLS: it tells the other host nothing but the name of a repository that the registry knows already.
 *
 * @throws TOKEN_REALM_FORBIDDEN, PLAIN_HTTP_FORBIDDEN, ADDRESS_FORBIDDEN, REDIRECT_FORBIDDEN, REGISTRY_UNAUTHORIZED,
 *   RESPONSE_MALFORMED, and the codes of the transport
 */
export async function fetchToken(
  request: TokenRequest,
  { reach, transport }: { readonly reach: Reach; readonly transport: Transport },
  scope: Scope,
): Promise<Token> {
  const ask = askFor(request, checkedRealm(request, reach));
  const what = `token for ${request.registry}/${request.repository}`;
  return withRetries(scope, async () => {
    scope.count('token');
    const answer = await transport.send(ask, scope);
    return readToken(answer, what);
  });
}

// Attacker input: the realm is what the registry says, and the credential would go there.
function checkedRealm({ registry, challenge, credential }: TokenRequest, reach: Reach): URL {
  const realm = parseServerUrl(challenge.parameters.get('realm'));
  if (realm === undefined) throw malformed(`${registry}: the realm that it asks for a token from is no URL`);
  const isPlainUrl = realm.username === '' && realm.password === '' && /^https?:$/.test(realm.protocol);
  if (!isPlainUrl || (credential !== undefined && !reach.mayHoldCredential(realm, registry))) {
    throw new CountersignError(
      'TOKEN_REALM_FORBIDDEN',
      `${registry}: asks for its credentials to be sent to ${realm.host || realm.protocol}`,
    );
  }
  reach.checkUrl(realm, registry);
  return realm;
}

function askFor({ challenge, repository, credential }: TokenRequest, realm: URL): Ask {
  const scopes = [`repository:${repository}:pull`, ...plainWords(challenge.parameters.get('scope'))];
  const service = challenge.parameters.get('service');
  return credential?.kind === 'identity'
    ? askByForm(realm, scopes, service, credential.token)
    : askByQuery(realm, scopes, service, credential);
}

function askByQuery(
  realm: URL,
  scopes: readonly string[],
  service: string | undefined,
  login: { readonly username: string; readonly password: string } | undefined,
): Ask {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const authorization = login && basicAuthorization(login.username, login.password);
  const headers = authorization === undefined ? {} : { authorization };
  return { method: 'GET', url, headers: { accept: 'application/json', ...headers } };
}

function askByForm(url: URL, scopes: readonly string[], service: string | undefined, token: string): Ask {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'countersign',
    refresh_token: token,
    scope: scopes.join(' '),
    ...(service === undefined ? {} : { service }),
  });
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers, body: form.toString() };
}

/** A scope that names no resource (public.ecr.aws wants `aws`) grants nothing by itself and is passed on. */
function plainWords(scope: string | undefined): string[] {
  return (scope ?? '')
    .split(' ')
    .filter((word) => /^[a-z]{1,32}$/.test(word))
    .slice(0, 4);
}

async function readToken(answer: Answer, what: string): Promise<Token> {
  await refuseFailures(answer, what);
  if (answer.status >= 300 && answer.status < 400) {
    discard(answer);
    throw new CountersignError(
      'REDIRECT_FORBIDDEN',
      `${answer.url.host}: ${what}: a token server must not redirect`,
    );
  }
  if (answer.status === 400) {
    // OAuth2 (RFC 6749 §5.2) answers a token that is not valid any more with 400 invalid_grant.
    throw new CountersignError('REGISTRY_UNAUTHORIZED', (await unexpectedStatus(answer, what)).message);
  }
  if (answer.status !== 200) throw await unexpectedStatus(answer, what);
  const body = parseJsonObject(
    await readBody(answer, LIMITS.tokenBytes, what),
    `${answer.url.host}: ${what}`,
  );
  const text = body['token'] || body['access_token'];
  if (typeof text !== 'string' || text.length > LONGEST_TOKEN || !/^[\x21-\x7e]+$/.test(text)) {
    throw malformed(`${answer.url.host}: ${what}: the answer has no token`);
  }
  return { text, expires: performance.now() + lifetimeMs(body['expires_in']) };
}

/** Less a margin, so that a token does not expire on its way. */
function lifetimeMs(expiresIn: unknown): number {
  const known = typeof expiresIn === 'number' && Number.isFinite(expiresIn) && expiresIn > 0;
  const seconds = known ? Math.min(expiresIn, LONGEST_SECONDS) : DEFAULT_SECONDS;
  return 1000 * (seconds - Math.min(MARGIN_SECONDS, seconds / 10));
}
