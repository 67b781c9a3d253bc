// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { LIMITS } from '../limits.ts';
import { isProven, secureContextOf } from './callers.ts';
import { boundConnections } from './connections.ts';
import type { Log } from './log.ts';
import { declaresTooMuch } from './read-body.ts';
import { refusal, send } from './reply.ts';
import type { ReviewHandler } from './review-handler.ts';
import type { ServerCertificate } from './tls-certificate.ts';

type Options = {
  readonly certificate: ServerCertificate | undefined;
  /** PEM certificates of the authorities that callers are known by; absent: nobody is asked for a certificate. */
  readonly clientCa?: string | undefined;
  /** By path. */
  readonly handlers: Readonly<Record<string, ReviewHandler>>;
  readonly requestHeadersMs?: number | undefined;
  readonly requestMs?: number | undefined;
  readonly log: Log;
};

/** How often connections are looked through for requests that came too slowly. */
const SLOW_CHECK_MS = 500;

/** The HTTPS server of the webhooks, not listening yet. */
export function createReviewServer({ certificate, clientCa, handlers, log, ...timeouts }: Options): Server {
  const server = createServer({
    ...secureContextOf(certificate, clientCa),
    // Who shows none, or another one, is answered too, as somebody unproven.
    requestCert: clientCa !== undefined,
    rejectUnauthorized: false,
    handshakeTimeout: LIMITS.handshakeMs,
    headersTimeout: timeouts.requestHeadersMs ?? LIMITS.requestHeadersMs,
    requestTimeout: timeouts.requestMs ?? LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    connectionsCheckingInterval: SLOW_CHECK_MS,
    maxHeaderSize: LIMITS.requestHeaderBytes,
  });
  // Who shows no certificate where one is asked for must not keep out the API server.
  boundConnections(server, undefined, (request) => clientCa !== undefined && !isProven(request));

  function route(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request.url ?? '');
    const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
    if (handler === undefined) {
      send(request, response, refusal(404, 'REVIEW_MALFORMED', 'there are /validate and /mutate'));
    } else if (request.method !== 'POST') {
      const reply = refusal(405, 'REVIEW_MALFORMED', 'wanted POST');
      send(request, response, { ...reply, headers: { allow: 'POST' } });
    } else {
      handler(request, response);
    }
  }

  server.on('request', route);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!declaresTooMuch(request)) response.writeContinue();
    server.emit('request', request, response);
  });
  // Mostly an API server that has another caBundle; nothing to answer, the connection is gone.
  server.on('tlsClientError', (error) => log.debug({ problem: error.message }, 'tls handshake failed'));
  return server;
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
