// SPDX-License-Identifier: Apache-2.0
import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
// Not by name: Node 20 has no getCACertificates, and would stop here before the command can say what it needs.
import * as tls from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Scope } from './exchange.ts';
import { asRequestFailure } from './failure.ts';
import { createOriginLines } from './origin-lines.ts';
import { type Endpoint, type Reach, withoutBrackets } from './reach.ts';

/** One HTTP request: no redirects, no retries, no cookies, no proxy. */
export type Ask = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Its answer. The body must be read or discarded. */
export type Answer = {
  readonly status: number;
  /** What was asked. */
  readonly url: URL;
  /** A header by its lower-case name; several of one name are joined by commas. */
  readonly header: (name: string) => string | undefined;
  readonly body: Dispatcher.ResponseData['body'];
};

/** Sends requests over kept connections. Every connection goes to an address that the guard has seen. */
export type Transport = {
  /** @throws REGISTRY_UNREACHABLE, ADDRESS_FORBIDDEN, DEADLINE_EXCEEDED, RESPONSE_MALFORMED, LIMIT_EXCEEDED */
  send(ask: Ask, scope: Pick<Scope, 'signal' | 'tenants'>): Promise<Answer>;
  /** Ends all connections and what is under way on them. */
  close(): Promise<void>;
};

/** What tests replace. */
export type TransportOptions = {
  readonly lookup?: LookupFunction;
  readonly connectMs?: number;
  readonly idleMs?: number;
};

const MIN_TLS = 'TLSv1.2';

/** A transport within this reach. */
export function createTransport(reach: Reach, options: TransportOptions = {}): Transport {
  const lines = createOriginLines();
  const idleMs = options.idleMs ?? LIMITS.idleMs;
  const agent = new Agent({
    connect: createGuardedConnector(reach, options),
    connections: LIMITS.connectionsPerOrigin,
    // One request per connection at a time, and bounds that are known to hold; HTTP/2 has others.
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: LIMITS.headerBytes,
    keepAliveTimeout: LIMITS.registryKeepAliveMs,
    headersTimeout: idleMs,
    bodyTimeout: idleMs,
  });
  return {
    async send(ask, { signal, tenants }) {
      const leave = await lines.enter(ask.url.origin, tenants, signal);
      try {
        // A connection is free again one turn after its answer ended; asking at once would open another.
        await nextTurn();
        const answer = asAnswer(ask.url, await agent.request(dispatchOf(ask, signal)));
        if (answer.body.closed) leave();
        else answer.body.once('close', leave);
        return answer;
      } catch (error) {
        leave();
        throw asRequestFailure(error, ask.url.host);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Lets go of an answer that nobody reads, so that its connection is free again. */
export function discard(answer: Answer): void {
  // What goes wrong from here on concerns nobody: the status was all that mattered.
  answer.body.dump({ limit: LIMITS.errorBodyBytes }).catch(() => {});
}

function dispatchOf(ask: Ask, signal: AbortSignal): Dispatcher.RequestOptions {
  return {
    origin: ask.url.origin,
    path: ask.url.pathname + ask.url.search,
    method: ask.method,
    headers: { ...ask.headers, 'accept-encoding': 'identity', 'user-agent': 'countersign' },
    body: ask.body ?? null,
    signal,
    // undici closes the connection after each HEAD in case a server sends a body all the same; such a body
    // (a manifest) is no HTTP answer, so reading it as the next one fails, and keeping saves a handshake per tag.
    reset: false,
  };
}

function asAnswer(url: URL, { statusCode, headers, body }: Dispatcher.ResponseData): Answer {
  // Destroying a body that nobody listens to would otherwise be an uncaught exception.
  body.on('error', () => {});
  return {
    status: statusCode,
    url,
    header: (name) => {
      const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body,
  };
}

/**
 * Connects only to addresses that the reach permits. The addresses that were checked are the ones connected
 * to: the name is resolved once, by the lookup below, and the socket is given its result.
 */
function createGuardedConnector(reach: Reach, options: TransportOptions): buildConnector.connector {
  const connectors = new Map<string, buildConnector.connector>();
  const usualRoots = tls.createSecureContext({ minVersion: MIN_TLS });
  return (target, callback) => {
    const endpoint = { hostname: withoutBrackets(target.hostname), port: portOf(target) };
    if (isIP(endpoint.hostname) !== 0 && !reach.permits(endpoint, endpoint.hostname)) {
      // Sockets look up names only: an address in the place of a name is checked here.
      callback(forbidden(endpoint, endpoint.hostname), null);
      return;
    }
    const own = secureContextOf(endpoint, reach);
    const key = own === undefined ? `default ${endpoint.port}` : `${endpoint.hostname} ${endpoint.port}`;
    const connector = connectors.get(key) ?? build(endpoint.port, own?.() ?? usualRoots);
    connectors.set(key, connector);
    connector(target, callback);
  };

  function build(port: number, secureContext: tls.SecureContext): buildConnector.connector {
    return buildConnector({
      timeout: options.connectMs ?? LIMITS.connectMs,
      allowH2: false,
      lookup: guardedLookup(reach, port, options.lookup ?? systemLookup),
      secureContext,
    });
  }
}

/** How to make the context of an endpoint that the Config says something of; `undefined` for all others. */
function secureContextOf(endpoint: Endpoint, reach: Reach): (() => tls.SecureContext) | undefined {
  const ca = reach.extraCa(endpoint);
  const client = reach.clientCertificate(endpoint);
  if (ca.length === 0 && client === undefined) return undefined;
  return () =>
    tls.createSecureContext({
      minVersion: MIN_TLS,
      ca: [...tls.getCACertificates('default'), ...ca],
      ...(client && { cert: client.certificate, key: client.privateKey }),
    });
}

/** A lookup that fails where the name has a single address that is not permitted. */
function guardedLookup(reach: Reach, port: number, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const wrong = addresses.find(({ address }) => !reach.permits({ hostname, port }, address));
      if (wrong !== undefined) return callback(forbidden({ hostname, port }, wrong.address), []);
      const [first] = addresses;
      if (options.all || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function portOf(target: buildConnector.Options): number {
  return target.port === '' ? (target.protocol === 'http:' ? 80 : 443) : Number(target.port);
}

function forbidden({ hostname, port }: Endpoint, address: string): CountersignError {
  const what = hostname === address ? hostname : `${hostname} (${address})`;
  return new CountersignError('ADDRESS_FORBIDDEN', `the address ${what} port ${port} is not asked`);
}
