// SPDX-License-Identifier: Apache-2.0
import { type IncomingMessage, request } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { asRequestFailure, PassingFailure } from './failure.ts';
import type { ProxyServer } from './proxies.ts';
import type { Endpoint } from './reach.ts';

/**
 * A connection to the endpoint through the proxy (RFC 9110 §9.3.6, CONNECT): what is written to it from here on the other
 * end reads. The proxy gets its own credentials and the name of the endpoint, nothing else.
 *
 * @throws PROXY_UNREACHABLE, PROXY_REFUSED
 */
export async function openTunnel(
  proxy: ProxyServer,
  endpoint: Endpoint,
  dial: buildConnector.connector,
  connectMs: number,
): Promise<Socket> {
  const authority = authorityOf(endpoint);
  const until = performance.now() + connectMs;
  try {
    const socket = await connectTo(proxy, dial);
    const { response, head } = await askToConnect(socket, proxy, authority, until - performance.now());
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300 && head.length === 0) return socket;
    socket.destroy();
    throw refusal(proxy, authority, statusCode);
  } catch (error) {
    throw asProxyFailure(error, proxy, authority);
  }
}

function authorityOf({ hostname, port }: Endpoint): string {
  return isIPv6(hostname) ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function connectTo(
  { protocol, hostname, host, port }: ProxyServer,
  dial: buildConnector.connector,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    dial({ protocol, hostname, host, port: String(port) }, (error, socket) => {
      if (error) reject(error);
      else if (socket) resolve(socket);
    });
  });
}

type Connected = { readonly response: IncomingMessage; readonly head: Buffer };

function askToConnect(
  socket: Socket,
  { authorization }: ProxyServer,
  authority: string,
  milliseconds: number,
): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        'user-agent': 'countersign',
        connection: 'keep-alive',
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
      },
      createConnection: () => socket,
      maxHeaderSize: LIMITS.headerBytes,
    });
    const late = Object.assign(new Error('no answer to CONNECT in time'), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => asked.destroy(late), milliseconds);
    asked.once('close', () => clearTimeout(timer));
    asked.on('error', reject);
    asked.once('connect', (response, _socket, head) => {
      clearTimeout(timer);
      resolve({ response, head });
    });
    asked.end();
  });
}

function refusal(proxy: ProxyServer, authority: string, status: number): CountersignError {
  const passing = status === 429 || status >= 500;
  const message = `${authority}: the proxy ${proxy.host} ${wordsFor(status, proxy)}`;
  return passing
    ? new PassingFailure('PROXY_REFUSED', message)
    : new CountersignError('PROXY_REFUSED', message);
}

function wordsFor(status: number, { authorization }: ProxyServer): string {
  if (status === 407) {
    return authorization === undefined
      ? 'wants credentials, and there are none (407)'
      : 'refuses the credentials (407)';
  }
  // Who is there speaks only after we do, in TLS and in HTTP.
  if (status < 300) return 'sent more than its answer';
  return `does not connect: the answer was ${status}`;
}

function asProxyFailure(error: unknown, proxy: ProxyServer, authority: string): CountersignError {
  if (error instanceof CountersignError) return error;
  const failure = asRequestFailure(error, proxy.host);
  const message = `${authority}: the proxy ${failure.message}`;
  return failure instanceof PassingFailure
    ? new PassingFailure('PROXY_UNREACHABLE', message, { cause: error })
    : new CountersignError('PROXY_UNREACHABLE', message, { cause: error });
}
