// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Code } from '../errors.ts';

/** What goes back: an HTTP status and JSON. */
export type Reply = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Nothing more is taken from this connection. */
  readonly close?: boolean;
};

/**
 * The reply to what is no AdmissionReview at all, or did not come as one; an API server counts it as a failed
 * call. It ends the connection: who sends such a thing is mostly not an API server, and others wait for a place.
 */
export function refusal(status: number, code: Code, message: string): Reply {
  return { status, text: JSON.stringify({ code, message }), close: true };
}

/** Time for a client to read a refusal before the connection is closed under what it is still sending. */
const LINGER_MS = 500;

/** Writes a reply, unless the client is gone. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.destroyed || response.headersSent) return;
  const { text } = reply;
  if (reply.close === true) response.shouldKeepAlive = false;
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...reply.headers,
  });
  if (request.complete) response.end(text);
  else endLingering(request, response, text);
}

/**
 * The whole reply is out before the body is in. Closing now, with bytes of the client unread, would make its
 * kernel throw the reply away (a reset): so what comes is dropped for a moment, and then the connection ends.
 */
function endLingering(request: IncomingMessage, response: ServerResponse, text: string): void {
  response.write(text);
  request.resume();
  const timer = setTimeout(() => response.end(), LINGER_MS);
  request.once('close', () => {
    clearTimeout(timer);
    response.end();
  });
}
