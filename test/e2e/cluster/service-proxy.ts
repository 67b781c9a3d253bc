// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Stands for kube-proxy: the API server's connections to ClusterIPs come through it. */
export type ServiceProxy = {
  /** How many connections it made to Services. */
  readonly connections: () => number;
  stop(): Promise<void>;
};

/**
 * Serves HTTP CONNECT on a Unix socket, as the API server's egress selector asks for it.
 *
 * @param route the port of 127.0.0.1 that stands for an address of the cluster, another one each time where
 *   several do; `undefined` where nobody is ready there: then the connection is refused, as kube-proxy does
 */
export async function startServiceProxy(
  socketFile: string,
  route: (host: string, port: number) => Promise<number | undefined>,
): Promise<ServiceProxy> {
  let connections = 0;
  const open = new Set<Duplex>();
  const keep = (socket: Duplex) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', async (request, client, head) => {
    keep(client);
    client.on('error', () => client.destroy());
    const target = /^(.*):(\d+)$/.exec(request.url ?? '');
    const port = await route(target?.[1] ?? '', Number(target?.[2])).catch(() => undefined);
    if (port === undefined) return void client.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    const pod = connect(port, '127.0.0.1');
    keep(pod);
    pod.once('connect', () => {
      connections += 1;
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      pod.write(head);
      join(client, pod);
    });
    pod.on('error', () => client.destroy());
  });
  rmSync(socketFile, { force: true });
  await new Promise<void>((resolve) => server.listen(socketFile, resolve));
  return {
    connections: () => connections,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What one side sent before it went away still reaches the other, as it would without anybody between. */
function join(client: Duplex, pod: Socket): void {
  client.pipe(pod).pipe(client);
  client.once('close', () => pod.destroy());
}
