// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isPathComponent, type Repository } from '../image/reference.ts';
import { createAuthorizedSend } from './authorization.ts';
import { type Credentials, credentialsFor } from './credential.ts';
import { type Exchange, type RequestKind, type Scope, withinExchange } from './exchange.ts';
import { malformed } from './json.ts';
import type { Reach } from './reach.ts';
import { withRetries } from './retry.ts';
import { refuseFailures } from './status.ts';
import { type Answer, discard, type Transport } from './transport.ts';

/** One request for something in a repository. */
export type Call = {
  readonly kind: RequestKind;
  readonly method: 'GET' | 'HEAD';
  readonly repository: Repository;
  /** Below `/v2/<repository>/`, or a whole URL where a list says where it goes on. */
  readonly path: string | URL;
  readonly accept: string;
  /** The subject of error messages. */
  readonly what: string;
};

/**
 * Makes a request: deadline, retries, authorization, redirects. `read` gets answers of any status but those that
 * mean failure everywhere (401, 403, 429, 5xx), and must read or discard the body.
 */
export type Asking = <T>(call: Call, exchange: Exchange, read: (answer: Answer) => Promise<T>) => Promise<T>;

/** Asks registries within the reach, with these credentials. */
export function createAsking(world: {
  readonly reach: Reach;
  readonly transport: Transport;
  readonly credentials: Credentials;
}): Asking {
  const send = createAuthorizedSend(world);
  return (call, exchange, read) =>
    withinExchange(exchange, call.what, (scope) =>
      withRetries(scope, async () => {
        const answer = await sendOrRenew(call, exchange, scope);
        await refuseFailures(answer, call.what);
        return read(answer);
      }),
    );

  async function sendAs(call: Call, exchange: Exchange, scope: Scope): Promise<Answer> {
    const { repository } = call;
    await world.credentials.ready?.(repository, scope);
    const credentials = credentialsFor(repository, exchange.credentials, world.credentials);
    return send({ ...call, url: urlOf(call, world.reach) }, { repository, credentials }, scope);
  }

  /** Where all credentials were refused, and there are others since, it is sent once more. */
  async function sendOrRenew(call: Call, exchange: Exchange, scope: Scope): Promise<Answer> {
    const { credentials } = world;
    if (credentials.renew === undefined) return sendAs(call, exchange, scope);
    const first = await sendAs(call, exchange, scope).catch(refusalOf);
    const isRefused = first instanceof CountersignError || first.status === 401 || first.status === 403;
    const isRenewed = isRefused && (await credentials.renew(call.repository, scope));
    if (isRenewed) {
      if (!(first instanceof CountersignError)) discard(first);
      return sendAs(call, exchange, scope);
    }
    if (first instanceof CountersignError) throw first;
    return first;
  }
}

function refusalOf(error: unknown): CountersignError {
  if (error instanceof CountersignError && error.code === 'REGISTRY_UNAUTHORIZED') return error;
  throw error;
}

function urlOf({ repository: { registry, repository }, path }: Call, reach: Reach): URL {
  const api = reach.apiUrl(registry);
  if (typeof path !== 'string') return sameOrigin(path, api);
  if (!repository.split('/').every(isPathComponent)) {
    throw new CountersignError('REFERENCE_INVALID', 'not the name of a repository');
  }
  return new URL(`v2/${repository}/${path}`, api);
}

// Attacker input: the URL of a next page. A credential is chosen by the repository and would go there.
function sameOrigin(url: URL, api: URL): URL {
  if (url.origin === api.origin) return url;
  throw malformed(`${api.host}: a list that goes on at ${url.host}`);
}
