// SPDX-License-Identifier: Apache-2.0
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { TestServer } from './admission-server.ts';

type Raw = { readonly status: number; readonly text: string; readonly closed: boolean };

/** Sends bytes as they are, and waits until the server has closed the connection or been silent for a while, in milliseconds. */
export async function sendRaw(server: TestServer, parts: readonly string[], silence = 30_000): Promise<Raw> {
  const socket = await openTls(server);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  for (const part of parts) socket.write(part);
  const closed = await new Promise<boolean>((resolve) => {
    socket.on('error', () => resolve(true));
    socket.on('close', () => resolve(true));
    socket.setTimeout(silence, () => resolve(false));
  });
  socket.destroy();
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text, closed };
}

/** A TLS connection to the server, trusted. */
export function openTls(
  { address, ca }: Pick<TestServer, 'address' | 'ca'>,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const port = Number(address.split(':').at(-1));
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: ca.certificate, ...options }, () =>
      resolve(socket),
    );
    socket.once('error', reject);
  });
}

/** A request to `/validate` whose length no header says. */
export function chunked(body: string): readonly string[] {
  const chunks: string[] = [];
  for (let start = 0; start < body.length; start += 1_000_000) {
    const piece = body.slice(start, start + 1_000_000);
    chunks.push(`${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`);
  }
  const head =
    'POST /validate HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
  return [head, ...chunks, '0\r\n\r\n'];
}
