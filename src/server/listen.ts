// SPDX-License-Identifier: Apache-2.0
import type { Server } from 'node:http';
import { CountersignError } from '../errors.ts';

/** Where to listen; without a host on every address. */
export type ListenAddress = { readonly host?: string; readonly port: number };

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT` or `:PORT`; port 0 is any free one.
 *
 * @throws CountersignError USAGE
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new CountersignError('USAGE', `wanted HOST:PORT to listen on, found ${JSON.stringify(text)}`);
  }
  const host = ipv6 ?? name;
  return host === undefined || host === '' ? { port } : { host, port };
}

/**
 * Binds the server and gives the address it has, as HOST:PORT.
 *
 * @throws CountersignError LISTEN_FAILED
 */
export function listen(server: Server, address: ListenAddress): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      const where = `${address.host ?? ''}:${address.port}`;
      reject(
        new CountersignError('LISTEN_FAILED', `cannot listen on ${where}: ${error.message}`, {
          cause: error,
        }),
      );
    };
    server.once('error', failed);
    server.listen(address, () => {
      server.removeListener('error', failed);
      resolve(boundAddress(server));
    });
  });
}

function boundAddress(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return '';
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}
