// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** A client on connections that stay, written by hand so that it costs less than any server it measures. */
export type Load = {
  /** Sends so many requests, in turn from `bodies`, one per connection at a time; answers per second. */
  run(count: number, bodies: readonly string[], path?: string): Promise<number>;
  close(): void;
};

/** Opens the connections to a server on loopback. Every answer must be a 200 that allows. */
export async function openLoad(port: number, ca: string, connections: number): Promise<Load> {
  const sockets = Array.from({ length: connections }, () => connect({ port, host: '127.0.0.1', ca }));
  await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
  return {
    async run(count, bodies, path = '/validate') {
      const requests = bodies.map((body) => encodeRequest(path, body));
      let sent = 0;
      const next = () => {
        const request = sent < count ? requests[sent % requests.length] : undefined;
        sent += 1;
        return request;
      };
      const start = performance.now();
      await Promise.all(sockets.map((socket) => converse(socket, next)));
      return (count * 1000) / (performance.now() - start);
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function encodeRequest(path: string, body: string): Buffer {
  const headers = [
    `POST ${path}?timeout=10s HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}`);
}

/** Request and answer in turn on one connection, until there is no next request. */
function converse(socket: TLSSocket, next: () => Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = '';
    const proceed = () => {
      const request = next();
      received = '';
      if (request === undefined) leave(resolve);
      else socket.write(request);
    };
    const take = (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (!isComplete(received)) return;
      if (isAllowed(received)) proceed();
      else leave(() => reject(new Error(`not allowed: ${received}`)));
    };
    const broken = () => leave(() => reject(new Error(`the connection broke: ${received}`)));
    const leave = (then: () => void) => {
      socket.off('data', take).off('close', broken).off('error', broken);
      then();
    };
    socket.on('data', take).on('close', broken).on('error', broken);
    proceed();
  });
}

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  return end !== -1 && length !== undefined && text.length >= end + 4 + Number(length);
}

function isAllowed(text: string): boolean {
  return text.startsWith('HTTP/1.1 200') && text.includes('"allowed":true');
}
