// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { LIMITS } from '../../src/limits.ts';
import { pushImageTo, putBlobTo, putManifestTo, startTestRegistry } from '../../src/testing/index.ts';

async function registryFor(t: TestContext) {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  return registry;
}

const bytes = Buffer.from('a blob in three chunks');
const digest = digestOf(bytes);

test('the push client pushes an image that is then there', async (t) => {
  const registry = await registryFor(t);
  const image = await pushImageTo(registry.host, 'acme/web', { tag: '1.0', content: 'hello' });
  assert.equal(registry.manifest('acme/web', '1.0')?.digest, image.digest);
  for (const blob of image.blobs) assert.ok(registry.blob('acme/web', digestOf(blob)));
  assert.deepEqual(
    registry.requests.map(({ method, kind, status }) => `${method} ${kind} ${status}`),
    ['POST upload 202', 'PUT upload 201', 'POST upload 202', 'PUT upload 201', 'PUT manifest 201'],
  );
});

test('the push client sends its credential and tells what the registry refused', async (t) => {
  const registry = await startTestRegistry({
    auth: { kind: 'basic', users: [{ username: 'u', password: 'p' }] },
  });
  t.after(() => registry.close());
  await assert.rejects(putBlobTo(registry.host, 'web', bytes), /401 .*UNAUTHORIZED/);
  const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`;
  assert.equal(await putBlobTo(registry.host, 'web', bytes, { authorization }), digest);
});

test('a blob goes up in one POST, or in chunks, or is mounted from another repository', async (t) => {
  const registry = await registryFor(t);
  const uploads = `${registry.url}/v2/one/blobs/uploads/`;
  const whole = await fetch(`${uploads}?digest=${digest}`, { method: 'POST', body: bytes });
  assert.equal(whole.status, 201);
  assert.equal(whole.headers.get('location'), `/v2/one/blobs/${digest}`);

  const begun = await fetch(`${registry.url}/v2/two/blobs/uploads/`, { method: 'POST' });
  const url = new URL(begun.headers.get('location') ?? '', registry.url).href;
  const patch = (from: number, to: number) =>
    fetch(url, {
      method: 'PATCH',
      body: bytes.subarray(from, to),
      headers: { 'content-range': `${from}-${to - 1}` },
    });
  assert.equal((await patch(0, 5)).headers.get('range'), '0-4');
  assert.equal((await patch(9, 12)).status, 416);
  assert.equal((await patch(5, 9)).status, 202);
  assert.equal((await fetch(url)).headers.get('range'), '0-8');
  const done = await fetch(`${url}?digest=${digest}`, { method: 'PUT', body: bytes.subarray(9) });
  assert.equal(done.status, 201);
  assert.deepEqual(registry.blob('two', digest), bytes);

  const mount = `${registry.url}/v2/three/blobs/uploads/?mount=${digest}&from=one`;
  assert.equal((await fetch(mount, { method: 'POST' })).status, 201);
  assert.deepEqual(registry.blob('three', digest), bytes);
  const unknown = `${registry.url}/v2/three/blobs/uploads/?mount=${digest}&from=nowhere`;
  assert.equal((await fetch(unknown, { method: 'POST' })).status, 202);
});

test('content that has not the digest it claims is refused', async (t) => {
  const registry = await registryFor(t);
  const base = `${registry.url}/v2/web`;
  const blob = await fetch(`${base}/blobs/uploads/?digest=${digest}`, { method: 'POST', body: 'other' });
  assert.equal(blob.status, 400);
  const manifest = await fetch(`${base}/manifests/${digest}`, { method: 'PUT', body: '{}' });
  assert.equal(manifest.status, 400);
  assert.equal(registry.manifest('web', digest), undefined);
});

test('a manifest must be a JSON object of at most 4 MiB, and keeps its content type', async (t) => {
  const registry = await registryFor(t);
  const put = (body: string) => putManifestTo(registry.host, 'web', Buffer.from(body), { mediaType: 'x/y' });
  await assert.rejects(put('[]'), /400 .*MANIFEST_INVALID/);
  await assert.rejects(put('<html>'), /400 .*MANIFEST_INVALID/);
  await assert.rejects(put(`{"a":"${'x'.repeat(LIMITS.manifestBytes)}"}`), /413/);
  assert.equal(registry.manifest('web', await put('{}'))?.mediaType, 'x/y');
});

test('the helpers in the process check nothing: tests of bad content need them', async (t) => {
  const registry = await registryFor(t);
  assert.equal(registry.putBlob('web', 'other bytes', digest), digest);
  const stored = registry.putManifest('web', '<html>', { tag: 'a', mediaType: 'text/html', digest });
  assert.equal(stored.digest, digest);
  const response = await fetch(`${registry.url}/v2/web/manifests/a`);
  assert.equal(response.headers.get('content-type'), 'text/html');
  assert.equal(await response.text(), '<html>');
});
