// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { boundConnections } from '../../src/server/connections.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { createProbeServer, type Health } from '../../src/server/probes.ts';
import { post, probe, reviewOf, startTestServer } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { openTls } from '../support/raw-http.ts';

const BODY = JSON.stringify(reviewOf());

function disperse(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy();
}

/** Many connections that say nothing, from one address; a few at a time, for a listener queues some hundreds only. */
async function crowd(
  t: TestContext,
  address: string,
  count: number,
  localAddress: string,
): Promise<readonly Socket[]> {
  const port = Number(address.split(':').at(-1));
  const sockets: Socket[] = [];
  t.after(() => disperse(sockets));
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(100, count - sockets.length) }, () =>
      connect({ host: '127.0.0.1', port, localAddress })
        .on('error', () => {})
        .resume(),
    );
    sockets.push(...some);
    await eventually('some to be connected', () => some.every(({ connecting }) => !connecting));
  }
  return sockets;
}

test('one client that takes all connections shuts nobody out, on neither listener', async (t) => {
  const server = await startTestServer(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  assert.equal((await post(server, BODY, { agent })).status, 200);
  const [kept] = Object.values(agent.freeSockets).flat();
  const all: Socket[] = [];
  for (const address of [server.address, server.probeAddress]) {
    const sockets = await crowd(t, address, LIMITS.connections + 10, '127.0.0.9');
    await eventually('most to be closed', () => {
      const open = sockets.filter(({ closed, destroyed }) => !closed && !destroyed);
      return open.length <= LIMITS.connectionsPerAddress;
    });
    all.push(...sockets);
  }
  assert.equal((await post(server, BODY)).status, 200);
  assert.equal((await probe(server, '/healthz')).status, 200);
  assert.equal((await post(server, BODY, { agent })).status, 200);
  assert.equal(Object.values(agent.freeSockets).flat()[0], kept, 'an older idle connection of another stays');
  disperse(all);
});

test('callers who ask for metrics and never end keep no probe out', async (t) => {
  const health = { isListening: () => true, isDraining: () => false } as Health;
  const metrics = { ...createMetrics(), text: () => new Promise<string>(() => {}) };
  const server = createProbeServer(health, metrics);
  const port = await portOf(t, server);
  const address = `127.0.0.1:${port}`;
  const sockets = await crowd(t, address, LIMITS.connectionsPerAddress, '127.0.0.1');
  let asked = 0;
  server.on('request', () => {
    asked += 1;
  });
  for (const socket of sockets) socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually('all to be under way', () => asked === sockets.length);
  assert.equal((await probe({ probeAddress: address }, '/healthz')).status, 200);
});

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object(server.address()).port;
}

type Rest<T extends readonly unknown[]> = T extends [unknown, ...infer Others] ? Others : never;

/** A plain server with small bounds, whose answers wait for `finish`. */
async function boundedServer(t: TestContext, ...[bounds, mayGo]: Rest<Parameters<typeof boundConnections>>) {
  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => responses.push(response));
  boundConnections(server, bounds, mayGo);
  let connected = 0;
  server.on('connection', (socket: Socket) => {
    connected += 1;
    socket.once('close', () => {
      connected -= 1;
    });
  });
  const port = await portOf(t, server);
  const open = async (localAddress: string) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    socket.on('error', () => {}).resume();
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    // A turn around: what the server wanted to close is closed then.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return socket;
  };
  const ask = async (socket: Socket) => {
    const before = responses.length;
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually('the request', () => responses.length > before);
  };
  const finish = () => {
    for (const response of responses) response.end();
  };
  return { open, ask, finish, connected: () => connected };
}

const isOpen = (socket: Socket) => !socket.destroyed;

/** Which are open once those that were to be closed are. */
const stateOf = async (sockets: readonly Socket[], wanted: readonly boolean[]) => {
  const closing = sockets.filter((_, index) => wanted[index] === false);
  await eventually('those to be closed', () => !closing.some(isOpen));
  assert.deepEqual(sockets.map(isOpen), wanted);
};
const [A, B] = ['127.0.0.2', '127.0.0.3'] as const;

test('past the bound of its address a new connection takes the place of the longest idle one', async (t) => {
  const { open, ask, finish } = await boundedServer(t, { all: 10, perAddress: 3 });
  const other = await open(B);
  const sockets = [await open(A), await open(A), await open(A)] as const;
  await ask(sockets[0]);
  const fourth = await open(A);
  await stateOf([...sockets, fourth, other], [true, false, true, true, true]);
  finish();
  await eventually('the first to be idle again', () => sockets[0].bytesRead > 0);
  const fifth = await open(A);
  await stateOf([sockets[0], sockets[2], fourth, fifth], [true, false, true, true]);
});

test('where all are at work the new one is refused, and an address that has room is not concerned', async (t) => {
  const { open, ask } = await boundedServer(t, { all: 10, perAddress: 2 });
  for (const socket of [await open(A), await open(A)]) await ask(socket);
  await stateOf([await open(A)], [false]);
  await stateOf([await open(B)], [true]);
});

test('past the bound of all together the address with most connections makes room', async (t) => {
  const { open, ask } = await boundedServer(t, { all: 4, perAddress: 3 });
  const old = await open(B);
  const many = [await open(A), await open(A), await open(A)] as const;
  const second = await open(B);
  await stateOf([old, ...many, second], [true, false, true, true, true]);
  for (const socket of [many[1], many[2]]) await ask(socket);
  const third = await open('127.0.0.4');
  await stateOf([old, many[1], many[2], second, third], [false, true, true, true, true]);
});

test('where all are at work, who may be interrupted makes room, the longest first, and nobody else', async (t) => {
  const { open, ask } = await boundedServer(
    t,
    { all: 4, perAddress: 3 },
    ({ socket }) => socket.remoteAddress === A,
  );
  const [old, young, other] = [await open(A), await open(A), await open(B)];
  for (const socket of [young, old, other]) await ask(socket);
  const trusted = await open(B);
  await ask(trusted);
  const third = await open(B);
  await stateOf([old, young, other, trusted, third], [true, false, true, true, true]);
  await ask(third);
  const fourth = await open(B);
  await stateOf([old, other, trusted, third, fourth], [true, true, true, true, false]);
});

test('what is closed is counted no more', async (t) => {
  const { open, ask, connected } = await boundedServer(t, { all: 2, perAddress: 2 });
  for (let round = 0; round < 5; round += 1) {
    const sockets = [await open(A), await open(A)];
    for (const socket of sockets) await ask(socket);
    assert.deepEqual(sockets.map(isOpen), [true, true]);
    for (const socket of sockets) socket.destroy();
    await eventually('the server to know', () => connected() === 0);
  }
});

test('what is refused ends the connection: wrong paths and methods, what is no review', async (t) => {
  const server = await startTestServer(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  for (const [body, options] of [
    [BODY, { path: '/other' }],
    ['', { method: 'GET' }],
    ['no JSON', {}],
    [BODY, { headers: { 'content-type': 'text/plain' } }],
    ['{}', {}],
  ] as const) {
    const answer = await post(server, body, { agent, ...options });
    assert.ok(answer.status >= 400 && answer.status < 500);
    assert.equal(answer.headers['connection'], 'close', `${answer.status}`);
  }
  for (const [path, method] of [
    ['/other', 'GET'],
    ['/healthz', 'POST'],
  ] as const) {
    const answer = await fetch(`http://${server.probeAddress}${path}`, { method });
    assert.equal(answer.headers.get('connection'), 'close', path);
  }
});

test('a connection that was closed to make room leaves the server whole, in TLS too', async (t) => {
  const server = await startTestServer(t);
  const first = await openTls(server);
  t.after(() => first.destroy());
  first.on('error', () => {}).resume();
  const ended = new Promise((resolve) => first.once('close', resolve));
  const sockets = await crowd(t, server.address, LIMITS.connectionsPerAddress, '127.0.0.1');
  await ended;
  disperse(sockets);
  assert.equal((await post(server, BODY)).status, 200);
});
