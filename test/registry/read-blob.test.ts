// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { at, clientFor, exchange, rawServer, registryFor, rejectsWith } from './world.ts';

const PAYLOAD = Buffer.from('a payload of some thirty bytes');
const SIZE = PAYLOAD.length;

test('a blob of the right size and digest, sha256 and sha512', async (t) => {
  const registry = await registryFor(t);
  const client = clientFor(t);
  for (const digest of [digestOf(PAYLOAD), digestOf(PAYLOAD, 'sha512')]) {
    registry.putBlob('acme/app', PAYLOAD, digest);
    const asked = exchange();
    const bytes = await client.blob(at(registry.host), { digest, size: SIZE }, SIZE, asked);
    assert.deepEqual(Buffer.from(bytes), PAYLOAD);
    assert.deepEqual(asked.requests, ['blob']);
  }
});

test('an empty blob', async (t) => {
  const registry = await registryFor(t);
  const digest = registry.putBlob('acme/app', '');
  assert.equal((await clientFor(t).blob(at(registry.host), { digest, size: 0 }, 10, exchange())).length, 0);
});

test('one byte over the limit is LIMIT_EXCEEDED and never asked for', async (t) => {
  const registry = await registryFor(t);
  const digest = registry.putBlob('acme/app', PAYLOAD);
  const asked = exchange();
  await rejectsWith(
    clientFor(t).blob(at(registry.host), { digest, size: SIZE }, SIZE - 1, asked),
    'LIMIT_EXCEEDED',
  );
  assert.deepEqual(asked.requests, []);
  assert.equal(registry.requests.length, 0);
});

test('one that is not there is BLOB_NOT_FOUND', async (t) => {
  const registry = await registryFor(t);
  const descriptor = { digest: digestOf(PAYLOAD), size: SIZE };
  await rejectsWith(clientFor(t).blob(at(registry.host), descriptor, SIZE, exchange()), 'BLOB_NOT_FOUND');
});

test('DIGEST_MISMATCH: other bytes, and a size that is wrong by one', async (t) => {
  const registry = await registryFor(t);
  const digest = registry.putBlob('acme/app', PAYLOAD);
  const client = clientFor(t);
  for (const size of [SIZE - 1, SIZE + 1]) {
    const asked = exchange();
    await rejectsWith(
      client.blob(at(registry.host), { digest, size }, 100, asked),
      'DIGEST_MISMATCH',
      /wanted/,
    );
    assert.equal(asked.requests.length, 1);
  }
  registry.fault({ kind: 'wrong-bytes' });
  await rejectsWith(
    client.blob(at(registry.host), { digest, size: SIZE }, 100, exchange()),
    'DIGEST_MISMATCH',
  );
});

test('DIGEST_MISMATCH: sizes that are not announced are counted', async (t) => {
  const registry = await registryFor(t);
  const digest = registry.putBlob('acme/app', PAYLOAD);
  registry.fault({
    kind: 'headers',
    headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
  });
  const client = clientFor(t);
  assert.equal((await client.blob(at(registry.host), { digest, size: SIZE }, 100, exchange())).length, SIZE);
  for (const size of [SIZE - 1, SIZE + 1]) {
    await rejectsWith(client.blob(at(registry.host), { digest, size }, 100, exchange()), 'DIGEST_MISMATCH');
  }
});

test('a blob without end is left at the first byte too many', async (t) => {
  const registry = await registryFor(t);
  const digest = registry.putBlob('acme/app', PAYLOAD);
  const client = clientFor(t);
  for (const declared of [true, false]) {
    const fault = registry.fault({ kind: 'oversize', bytes: 2 ** 40, declared });
    await rejectsWith(
      client.blob(at(registry.host), { digest, size: SIZE }, 100, exchange()),
      'DIGEST_MISMATCH',
    );
    fault.remove();
  }
});

test('a blob that is cut off each time is DIGEST_MISMATCH after three attempts', async (t) => {
  const registry = await registryFor(t);
  const digest = registry.putBlob('acme/app', PAYLOAD);
  registry.fault({ kind: 'truncate' });
  const asked = exchange();
  await rejectsWith(
    clientFor(t).blob(at(registry.host), { digest, size: SIZE }, 100, asked),
    'DIGEST_MISMATCH',
    /cut off/,
  );
  assert.deepEqual(asked.requests, ['blob', 'blob', 'blob']);
});

test('a chunked body that stops before its last chunk is cut off, not short', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.write(PAYLOAD, () => response.destroy());
  });
  const descriptor = { digest: digestOf(PAYLOAD), size: SIZE };
  await rejectsWith(
    clientFor(t).blob(at(server.host), descriptor, 100, exchange()),
    'DIGEST_MISMATCH',
    /cut off/,
  );
});

test('a redirect to a store of blobs is followed', async (t) => {
  const store = await registryFor(t);
  const digest = store.putBlob('acme/app', PAYLOAD);
  const registry = await registryFor(t);
  registry.fault({ kind: 'redirect', to: { url: store.url } });
  const asked = exchange();
  const bytes = await clientFor(t).blob(at(registry.host), { digest, size: SIZE }, 100, asked);
  assert.deepEqual(Buffer.from(bytes), PAYLOAD);
  assert.deepEqual(asked.requests, ['blob', 'blob']);
});
