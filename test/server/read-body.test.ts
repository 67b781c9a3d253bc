// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
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
  await eventually('all bodies to be held', () => held.every((socket) => socket.writableLength === 0));
  const large = await post(server, ' '.repeat(1024 * 1024));
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

test('more reviews than may be under way are turned away until others are answered', async (t) => {
  const read = createBodyReader({ reviews: 2, bytes: LIMITS.reviewBytes });
  const results: string[] = [];
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    read(request, response).then(
      (body) => results.push(String(body)),
      (error) => results.push(error.code),
    );
  });
  t.after(() => server.close());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(Object(server.address()).port));
  });
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const send = (body: string) =>
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n${body}`);
  for (const body of ['a', 'b', 'c']) send(body);
  await eventually('three results', () => results.length === 3);
  assert.deepEqual(results.toSorted(), ['LIMIT_EXCEEDED', 'a', 'b']);
  for (const response of responses) response.end();
  await eventually('all to be answered', () => responses.every((response) => response.closed));
  send('d');
  await eventually('a fourth', () => results.at(-1) === 'd');
});
