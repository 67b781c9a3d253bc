// SPDX-License-Identifier: Apache-2.0
import { Socket } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * The `host:port` of every connection that this process begins from now on, over TCP or TLS, of whatever client; with names before
 * they are looked up. It is a view from below all clients: what is not in it was not asked.
 */
export function recordConnections(t: TestContext): ReadonlySet<string> {
  const seen = new Set<string>();
  const connect = Socket.prototype.connect;
  t.mock.method(Socket.prototype, 'connect', function (this: Socket, ...args: unknown[]) {
    seen.add(targetOf(args));
    return Reflect.apply(connect, this, args);
  });
  return seen;
}

/** `net.connect` hands over its arguments as one array; TLS the options themselves; both are ways that anybody may call it. */
function targetOf([first, second]: readonly unknown[]): string {
  if (Array.isArray(first)) return targetOf(first);
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: string; port?: number | string; path?: string };
    return path ?? `${host ?? 'localhost'}:${port}`;
  }
  return typeof second === 'string' ? `${second}:${first}` : `localhost:${first}`;
}
