// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { LIMITS } from '../../src/limits.ts';
import { createBodyReader } from '../../src/server/read-body.ts';
import { post, reviewOf, startTestServer, stubEngine, type TestServer } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { chunked, openTls, sendRaw } from '../support/raw-http.ts';

test('a body of 8 MiB is read, with or without its length', async (t) => {
  const sizes: number[] = [];
  const engine = stubEngine({
    validate: (body, deps, call) => {
      sizes.push(JSON.stringify(body).length);
      return stubEngine().validate(body, deps, call);
    },
  });
  const server = await startTestServer(t, { engine });
  const empty = JSON.stringify(reviewOf({ object: { data: '' } }));
  const body = JSON.stringify(reviewOf({ object: { data: 'x'.repeat(LIMITS.reviewBytes - empty.length) } }));
  assert.equal(body.length, LIMITS.reviewBytes);
  assert.equal((await post(server, body)).status, 200);
  assert.equal((await sendRaw(server, chunked(body))).status, 200);
  assert.deepEqual(sizes, [LIMITS.reviewBytes, LIMITS.reviewBytes]);
});

test('one byte more is 413: at once where the length says so', async (t) => {
  const server = await startTestServer(t);
  const length = LIMITS.reviewBytes + 1;
  const head = `POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  const answer = await sendRaw(server, [head]);
  assert.deepEqual([answer.status, answer.closed], [413, true]);
  assert.match(answer.text, /REVIEW_TOO_LARGE/);
});

test('one byte more is 413 where no length says so, and the connection ends; so is a body of 9 MiB in one piece', async (t) => {
  const server = await startTestServer(t);
  const answer = await sendRaw(server, chunked('x'.repeat(LIMITS.reviewBytes + 1)));
  assert.deepEqual([answer.status, answer.closed], [413, true]);
  const large = await post(server, Buffer.alloc(9 * 1024 * 1024, ' '));
  assert.equal(large.status, 413);
  assert.equal((await post(server, JSON.stringify(reviewOf()))).status, 200);
});

test('a client that asks first is told 413 instead of 100', async (t) => {
  const server = await startTestServer(t);
  const head = (length: number) =>
    `POST /validate HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`;
  const refused = await sendRaw(server, [`${head(LIMITS.reviewBytes + 1)}\r\n`]);
  assert.deepEqual([refused.status, refused.closed], [413, true]);
  const body = JSON.stringify(reviewOf());
  const taken = await sendRaw(server, [`${head(body.length)}Connection: close\r\n\r\n`, body]);
  assert.match(taken.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
});

test('a stream without end is cut off', async (t) => {
  const server = await startTestServer(t);
  const socket = await openTls(server);
  let sent = 0;
  const piece = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
  socket.write('POST /validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  const more = () => {
    while (!socket.destroyed && socket.write(piece)) sent += 1;
    sent += 1;
  };
  socket.on('drain', more).on('error', () => {});
  more();
  await eventually('the connection to end', () => socket.destroyed);
  assert.ok(sent >= 8);
});

test('when all bodies together are too much, large ones are turned away and small ones are not', async (t) => {
  const server = await startTestServer(t);
  const count = LIMITS.reviewBytesUnderWay / LIMITS.reviewBytes;
  const held = await Promise.all(
    Array.from({ length: count }, () => holdBody(t, server, LIMITS.reviewBytes - 1)),
  );
  let large = await post(server, ' '.repeat(1024 * 1024));
  await eventually('all bodies to be held', async () => {
    large = await post(server, ' '.repeat(1024 * 1024));
    return large.status !== 400;
  });
  assert.equal(large.status, 503);
  assert.equal(large.json()['code'], 'LIMIT_EXCEEDED');
  assert.equal((await post(server, JSON.stringify(reviewOf()))).status, 200);
  for (const socket of held) socket.destroy();
  await eventually('room again', async () => (await post(server, ' '.repeat(1024 * 1024))).status === 400);
});

async function holdBody(t: TestContext, server: TestServer, bytes: number): Promise<TLSSocket> {
  const socket = await openTls(server);
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write(`POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes + 1}\r\n\r\n`);
  socket.write(Buffer.alloc(bytes, ' '));
  return socket;
}

const BOMBS = {
  lists: (size: number) => '['.repeat(size / 2) + ']'.repeat(size / 2),
  objects: (size: number) => `[${'{},'.repeat(Math.floor(size / 3) - 2)}{}]`,
};

test('8 MiB that would become 200 MiB are refused before anything is made of them', async (t) => {
  const server = await startTestServer(t);
  for (const [name, bomb] of Object.entries(BOMBS)) {
    const text = Buffer.from(bomb(LIMITS.reviewBytes));
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(server, text)));
    for (const { status, json } of answers) {
      assert.deepEqual([status, json()['code']], [413, 'REVIEW_TOO_LARGE'], name);
    }
  }
  assert.equal((await post(server, JSON.stringify(reviewOf()))).status, 200);
});

test('what bodies become counts as long as they are under way, and not longer', async (t) => {
  const MiB = 1024 * 1024;
  const { send, codes, finishAll } = await readerServer(t, { reviews: 100, bytes: 32 * MiB });
  // Eight of them are 1 MiB of text, and would be counted as 85 MiB of objects.
  const bomb = BOMBS.objects(128 * 1024);
  for (let count = 0; count < 8; count += 1) await send(bomb);
  assert.deepEqual(codes(), { ok: 2, LIMIT_EXCEEDED: 6 });
  await finishAll();
  await send(bomb);
  assert.deepEqual(codes(), { ok: 3, LIMIT_EXCEEDED: 6 });
});

test('small bodies have a room of their own, and it is bounded too', async (t) => {
  const MiB = 1024 * 1024;
  const { send, codes } = await readerServer(t, { reviews: 1000, bytes: 8 * MiB });
  await send('x'.repeat(8 * MiB - 1024));
  await send('x'.repeat(65 * 1024));
  assert.deepEqual(codes(), { ok: 1, LIMIT_EXCEEDED: 1 });
  const small = JSON.stringify(reviewOf());
  for (let count = 0; count < 50; count += 1) await send(small);
  assert.deepEqual(codes(), { ok: 51, LIMIT_EXCEEDED: 1 });
  const bomb = BOMBS.objects(LIMITS.smallReviewBytes);
  for (let count = 0; count < 20; count += 1) await send(bomb);
  assert.ok((codes()['LIMIT_EXCEEDED'] ?? 0) >= 15, JSON.stringify(codes()));
  await send(small);
  assert.ok((codes()['ok'] ?? 0) >= 52, JSON.stringify(codes()));
});

test('more reviews than may be under way are turned away until others are answered', async (t) => {
  const { send, codes, finishAll } = await readerServer(t, { reviews: 2, bytes: LIMITS.reviewBytes });
  for (const body of ['1', '2', '3']) await send(body);
  assert.deepEqual(codes(), { ok: 2, LIMIT_EXCEEDED: 1 });
  await finishAll();
  await send('4');
  assert.deepEqual(codes(), { ok: 3, LIMIT_EXCEEDED: 1 });
});

/** A reader with these bounds behind a plain listener, whose answers wait for `finishAll`. */
async function readerServer(t: TestContext, bounds: Parameters<typeof createBodyReader>[0]) {
  const read = createBodyReader(bounds);
  const results: string[] = [];
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    read(request, response).then(
      () => results.push('ok'),
      (error) => results.push(error.code),
    );
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(Object(server.address()).port));
  });
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    codes() {
      const counts: Record<string, number> = {};
      for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
      return counts;
    },
    async send(body: string) {
      const before = results.length;
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      sockets.push(socket);
      socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      await eventually('the body to be read', () => results.length > before);
    },
    async finishAll() {
      for (const response of responses) response.end();
      await eventually('all to be answered', () => responses.every((response) => response.closed));
    },
  };
}
