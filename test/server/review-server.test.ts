// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { test } from 'node:test';
import { post, probe, reviewOf, startTestServer } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { sendRaw } from '../support/raw-http.ts';

test('another path is 404, another method 405, with what is allowed', async (t) => {
  const server = await startTestServer(t);
  for (const path of [
    '/',
    '/validate/',
    '/VALIDATE',
    '/metrics',
    '/validate/../mutate',
    '/constructor',
    '/__proto__',
  ]) {
    assert.equal((await post(server, '{}', { path })).status, 404, path);
  }
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await post(server, '', { method });
    assert.deepEqual([answer.status, answer.headers['allow']], [405, 'POST'], method);
  }
});

test('headers that are too large are 431, and what is no HTTP is 400', async (t) => {
  const server = await startTestServer(t);
  const large = await sendRaw(server, [
    `POST /validate HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  ]);
  assert.deepEqual([large.status, large.closed], [431, true]);
  const smuggled = await sendRaw(server, [
    'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ]);
  assert.deepEqual([smuggled.status, smuggled.closed], [400, true]);
  assert.equal((await sendRaw(server, ['SSH-2.0-OpenSSH\r\n\r\n'])).status, 400);
});

test('headers or a body that come too slowly are 408, and the connection ends', async (t) => {
  const server = await startTestServer(t, { timing: { requestHeadersMs: 2_000, requestMs: 4_000 } });
  const [headers, body] = await Promise.all([
    sendRaw(server, ['POST /validate HTTP/1.1\r\nHost: x\r\n']),
    sendRaw(server, ['POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{']),
  ]);
  assert.deepEqual([headers.status, headers.closed], [408, true]);
  assert.deepEqual([body.status, body.closed], [408, true]);
  await eventually('no request under way', async () =>
    /in_flight 0$/m.test((await probe(server, '/metrics')).text),
  );
});

test('requests on one connection are answered one after another', async (t) => {
  const server = await startTestServer(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (const uid of ['a', 'b', 'c']) {
    const answer = await post(server, JSON.stringify(reviewOf({ uid })), { agent });
    assert.equal(answer.json().response?.uid, uid);
  }
  assert.equal(Object.values(agent.freeSockets).flat().length, 1);
});
