// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { LIMITS } from '../limits.ts';

type Socket = IncomingMessage['socket'];
type Bounds = { readonly all: number; readonly perAddress: number };
type Connection = {
  readonly socket: Socket;
  readonly address: string;
  underWay: number;
  /** Since when it is idle, or else at work. */
  since: number;
  mayGo: boolean;
};

const BOUNDS: Bounds = { all: LIMITS.connections, perAddress: LIMITS.connectionsPerAddress };

/**
 * Bounds the connections of a server, all together and of one address, so that one client cannot take them all:
 * nobody has to show anything to connect. Where there are too many, the one that has been idle longest goes
 * (of the address that is over its bound, else of the address with most); where none is idle the one that has been at work
 * longest, of those whose first request `mayInterrupt` allows it; the new one only where there is none of these either.
 */
export function boundConnections(
  server: Server,
  bounds: Bounds = BOUNDS,
  mayInterrupt: (first: IncomingMessage) => boolean = () => false,
): void {
  // By address and port: that is what the socket of a TLS connection and the one underneath share.
  const connections = new Map<string, Connection>();
  const perAddress = new Map<string, number>();
  // Kept from the first request on: to make that name for each takes longer.
  const ofSocket = new WeakMap<Socket, Connection>();

  function add(socket: Socket): void {
    const { remoteAddress: address = '' } = socket;
    const name = nameOf(socket);
    connections.set(name, { socket, address, underWay: 0, since: performance.now(), mayGo: false });
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

  /** Whether there is room for one more from this address, if need be after closing another. */
  function makeRoom(address: string): boolean {
    if (countOf(address) >= bounds.perAddress) {
      const isTheirs = (one: Connection) => one.address === address;
      return closeIdle(isTheirs) || interrupt(isTheirs);
    }
    if (connections.size < bounds.all) return true;
    const most = Math.max(...perAddress.values());
    return (
      closeIdle((one) => countOf(one.address) === most) || closeIdle(() => true) || interrupt(() => true)
    );
  }

  function closeIdle(which: (connection: Connection) => boolean): boolean {
    return closeLongest((one) => one.underWay === 0 && which(one));
  }

  function interrupt(which: (connection: Connection) => boolean): boolean {
    return closeLongest((one) => one.mayGo && which(one));
  }

  function closeLongest(which: (connection: Connection) => boolean): boolean {
    let longest: Connection | undefined;
    for (const one of connections.values()) {
      if (one.socket.destroyed || !which(one)) continue;
      if (longest === undefined || one.since < longest.since) longest = one;
    }
    longest?.socket.destroy();
    return longest !== undefined;
  }

  /** The connection of a request, and the first time, whether it may be interrupted. */
  function connectionOf(request: IncomingMessage): Connection | undefined {
    const { socket } = request;
    const known = ofSocket.get(socket);
    const found = known ?? connections.get(nameOf(socket));
    if (known !== undefined || found === undefined) return found;
    ofSocket.set(socket, found);
    found.mayGo = mayInterrupt(request);
    return found;
  }

  server.on('connection', (socket: Socket) => {
    if (makeRoom(socket.remoteAddress ?? '')) add(socket);
    else socket.destroy();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = connectionOf(request);
    if (connection === undefined) return;
    if (connection.underWay === 0) connection.since = performance.now();
    connection.underWay += 1;
    response.on('close', () => {
      connection.underWay -= 1;
      connection.since = performance.now();
    });
  });
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
