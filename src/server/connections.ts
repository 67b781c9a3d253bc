// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { LIMITS } from '../limits.ts';

type Socket = IncomingMessage['socket'];
type Bounds = { readonly all: number; readonly perAddress: number };
type Connection = { readonly socket: Socket; readonly address: string; underWay: number; idleSince: number };

const BOUNDS: Bounds = { all: LIMITS.connections, perAddress: LIMITS.connectionsPerAddress };

/**
 * Bounds the connections of a server, all together and of one address, so that one client cannot take them all:
 * nobody has to show anything to connect. Where there are too many, the one that has been idle longest goes
 * (of the address that is over its bound, else of the address with most); the new one only where none is idle.
 */
export function boundConnections(server: Server, bounds: Bounds = BOUNDS): void {
  // By address and port: that is what the socket of a TLS connection and the one underneath share.
  const connections = new Map<string, Connection>();
  const perAddress = new Map<string, number>();
  // Kept from the first request on: to make that name for each takes longer.
  const ofSocket = new WeakMap<Socket, Connection>();

  function add(socket: Socket): void {
    const { remoteAddress: address = '' } = socket;
    const name = nameOf(socket);
    connections.set(name, { socket, address, underWay: 0, idleSince: performance.now() });
    perAddress.set(address, countOf(address) + 1);
    socket.once('close', () => {
      // A client may be back from the same port before this is handled.
      if (connections.get(name)?.socket === socket) connections.delete(name);
      const left = countOf(address) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
  }

  function countOf(address: string): number {
    return perAddress.get(address) ?? 0;
  }

  /** Whether there is room for one more from this address, if need be after closing an idle one. */
  function makeRoom(address: string): boolean {
    if (countOf(address) >= bounds.perAddress) return closeIdle((one) => one.address === address);
    if (connections.size < bounds.all) return true;
    const most = Math.max(...perAddress.values());
    return closeIdle((one) => countOf(one.address) === most) || closeIdle(() => true);
  }

  function closeIdle(mayGo: (connection: Connection) => boolean): boolean {
    let longest: Connection | undefined;
    for (const one of connections.values()) {
      if (one.underWay > 0 || one.socket.destroyed || !mayGo(one)) continue;
      if (longest === undefined || one.idleSince < longest.idleSince) longest = one;
    }
    longest?.socket.destroy();
    return longest !== undefined;
  }

  server.on('connection', (socket: Socket) => {
    if (makeRoom(socket.remoteAddress ?? '')) add(socket);
    else socket.destroy();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = ofSocket.get(request.socket) ?? connections.get(nameOf(request.socket));
    if (connection === undefined) return;
    ofSocket.set(request.socket, connection);
    connection.underWay += 1;
    response.on('close', () => {
      connection.underWay -= 1;
      connection.idleSince = performance.now();
    });
  });
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
