// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { TestTls } from '../../src/testing/index.ts';

/** A proxy on loopback that knows CONNECT, and wrote down what it saw: authorities, and headers. */
export type ConnectProxy = {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly port: number;
  readonly asked: readonly { readonly authority: string; readonly headers: IncomingHttpHeaders }[];
  /** All bytes that went through, either way, as latin1. */
  readonly seen: () => string;
};

type Options = {
  /** Where each authority leads: a port on loopback. Whatever else is asked for is 502. */
  readonly to: Readonly<Record<string, number>>;
  readonly tls?: TestTls;
  /** Wants this as Basic credentials. */
  readonly user?: string;
  /** Answers all with this instead: a status, text for the socket, or nothing at all. */
  readonly answer?: number | string | 'nothing';
};

/** Starts one; it is closed with the test, or with whatever else runs what it is given for later. */
export async function connectProxy(t: Pick<TestContext, 'after'>, options: Options): Promise<ConnectProxy> {
  const { tls } = options;
  const server = tls ? createSecureServer({ cert: tls.certificate, key: tls.privateKey }) : createServer();
  const asked: ConnectProxy['asked'][number][] = [];
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  };
  server.on('connection', keep);
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    keep(socket);
    asked.push({ authority: request.url ?? '', headers: request.headers });
    const answer = answerTo(request, options);
    if (answer === 'nothing') return;
    if (answer !== undefined) {
      socket.end(typeof answer === 'string' ? answer : `HTTP/1.1 ${answer} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const there = connect(options.to[request.url ?? ''] ?? 0, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      for (const end of [socket, there]) end.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.pipe(there).pipe(socket);
    });
    keep(there);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, port, asked, seen: () => Buffer.concat(chunks).toString('latin1') };
}

function answerTo({ url, headers }: IncomingMessage, options: Options): Options['answer'] {
  const { to, user, answer } = options;
  if (answer !== undefined) return answer;
  const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  if (wanted !== undefined && headers['proxy-authorization'] !== wanted) return 407;
  return Object.hasOwn(to, url ?? '') ? undefined : 502;
}
