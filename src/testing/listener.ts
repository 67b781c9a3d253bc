// SPDX-License-Identifier: Apache-2.0
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** PEM texts, as `createTestCertificate` makes them. */
export type TestTls = {
  readonly certificate: string;
  readonly privateKey: string;
  /** Turns away whoever shows no certificate of this authority. */
  readonly clientCa?: string;
};

/** A server on 127.0.0.1 that can go away and come back on the same port. */
export type Listener = {
  /** The port, once started; it stays the same over stop and start. */
  port(): number;
  start(): Promise<void>;
  /** Closes the port and every connection at once, idle or busy. */
  stop(): Promise<void>;
};

export function createListener(handle: RequestListener, options: { port?: number; tls?: TestTls }): Listener {
  const sockets = new Set<Socket>();
  let port = options.port ?? 0;
  let server: Server | undefined;
  return {
    port: () => port,
    async start() {
      if (server) return;
      const next = makeServer(handle, options.tls);
      // Longer than any test pauses: a connection that the server closes as the client writes is a fault nobody ordered.
      next.keepAliveTimeout = 60_000;
      next.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
      port = await listen(next, port);
      server = next;
    },
    async stop() {
      if (!server) return;
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()));
      server = undefined;
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function makeServer(handle: RequestListener, tls: TestTls | undefined): Server {
  if (tls === undefined) return createServer(handle);
  const { certificate, privateKey, clientCa } = tls;
  const demand = clientCa === undefined ? {} : { requestCert: true, ca: clientCa };
  return createSecureServer({ cert: certificate, key: privateKey, ...demand }, handle);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
