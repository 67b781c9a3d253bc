// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { listen, parseListenAddress } from '../../src/server/listen.ts';

test('HOST:PORT, [IPV6]:PORT and :PORT are addresses', () => {
  const rows = {
    '127.0.0.1:8443': { host: '127.0.0.1', port: 8443 },
    'localhost:0': { host: 'localhost', port: 0 },
    ':8443': { port: 8443 },
    '[::]:8443': { host: '::', port: 8443 },
    '[::ffff:127.0.0.1]:65535': { host: '::ffff:127.0.0.1', port: 65535 },
  };
  for (const [text, address] of Object.entries(rows))
    assert.deepEqual(parseListenAddress(text), address, text);
});

test('anything else is a usage error', () => {
  for (const text of [
    '',
    '8443',
    'host',
    'host:',
    'host:x',
    'host:65536',
    'host:-1',
    '::1:80',
    '[::1]',
    'a b:80',
    '[x]:1',
  ]) {
    assert.throws(() => parseListenAddress(text), { code: 'USAGE' }, text);
  }
});

test('the address that was bound is told, for IPv6 in brackets', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  assert.match(await listen(server, { host: '::1', port: 0 }), /^\[::1\]:\d+$/);
});

test('an address in use, or none of this machine, is LISTEN_FAILED', async (t) => {
  const [first, second] = [createServer(), createServer()];
  t.after(() => first.close());
  const port = Number((await listen(first, { host: '127.0.0.1', port: 0 })).split(':')[1]);
  await assert.rejects(listen(second, { host: '127.0.0.1', port }), {
    code: 'LISTEN_FAILED',
    message: /127\.0\.0\.1:\d+.*EADDRINUSE/,
  });
  await assert.rejects(listen(second, { host: '192.0.2.1', port }), { code: 'LISTEN_FAILED' });
});
