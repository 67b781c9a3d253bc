// SPDX-License-Identifier: Apache-2.0

import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Agent, type buildConnector, type Dispatcher } from 'undici';
import { LIMITS } from '../limits.ts';
import { createOriginLines } from '../sharing/index.ts';
import { createGuardedConnector } from './connector.ts';
import type { Scope } from './exchange.ts';
import { asRequestFailure } from './failure.ts';
import { createLookups } from './lookups.ts';
import type { ProxyFor } from './proxies.ts';
import type { Reach } from './reach.ts';

/** One HTTP request: no redirects, no retries, no cookies. */
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

/** Sends requests over kept connections. Every connection goes to an address that the guard has seen, or through a proxy. */
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
  readonly keepAliveMs?: number;
};

/** A transport within this reach, through these proxies. */
export function createTransport(
  reach: Reach,
  proxyFor: ProxyFor = () => undefined,
  options: TransportOptions = {},
): Transport {
  const lines = createOriginLines();
  const allLines = createOriginLines(LIMITS.connectionsInAll);
  const { idleMs = LIMITS.idleMs, keepAliveMs = LIMITS.registryKeepAliveMs } = options;
  const { lookup: systemOrTest = systemLookup, connectMs = LIMITS.connectMs } = options;
  const lookups = createLookups(systemOrTest, connectMs);
  const connector = createGuardedConnector(reach, proxyFor, { connectMs, lookup: lookups.lookup });
  const { connect, open } = counted(connector);
  const agent = new Agent({
    connect,
    connections: LIMITS.connectionsPerOrigin,
    // One request per connection at a time, and bounds that are known to hold; HTTP/2 has others.
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: LIMITS.headerBytes,
    keepAliveTimeout: keepAliveMs,
    // A registry may say less, not more.
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: idleMs,
    bodyTimeout: idleMs,
  });

  /** First of the origin, then of all: whoever holds one of all waits for nobody. */
  async function enter(origin: string, { signal, tenants }: Pick<Scope, 'signal' | 'tenants'>) {
    const leave = await lines.enter(origin, tenants, signal);
    try {
      const leaveAll = await allLines.enter('', tenants, signal);
      return () => {
        leaveAll();
        leave();
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    async send(ask, scope) {
      const { signal } = scope;
      const leave = await enter(ask.url.origin, scope);
      try {
        // A connection is free again one turn after its answer ended; asking at once would open another.
        await nextTurn();
        const request = () => agent.request(dispatchOf(ask, signal, open()));
        const answer = asAnswer(ask.url, await lookups.for(scope.tenants, request));
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

/** The connector, and how many of its connections are open. */
function counted(connector: buildConnector.connector) {
  let count = 0;
  const connect: buildConnector.connector = (target, callback) =>
    connector(target, (...result) => {
      const [, socket] = result;
      if (socket) {
        count += 1;
        socket.once('close', () => {
          count -= 1;
        });
      }
      callback(...result);
    });
  return { connect, open: () => count };
}

function dispatchOf(ask: Ask, signal: AbortSignal, open: number): Dispatcher.RequestOptions {
  return {
    origin: ask.url.origin,
    path: ask.url.pathname + ask.url.search,
    method: ask.method,
    headers: { ...ask.headers, 'accept-encoding': 'identity', 'user-agent': 'countersign' },
    body: ask.body ?? null,
    signal,
    // undici closes the connection after each HEAD in case a server sends a body all the same; such a body
    // (a manifest) is no HTTP answer, so reading it as the next one fails, and keeping saves a handshake per tag.
    // Images may name any number of hosts, so past a bound none is kept.
    reset: open >= LIMITS.connectionsKept,
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
