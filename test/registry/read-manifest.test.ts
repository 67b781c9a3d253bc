// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { digestOf } from '../../src/image/digest.ts';
import { LIMITS } from '../../src/limits.ts';
import { at, clientFor, exchange, rawServer, registryFor, rejectsWith } from './world.ts';

const ABSENT = digestOf(Buffer.from('absent'));

test('a tag is resolved by one HEAD request', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const asked = exchange();
  assert.equal(await clientFor(t).resolveTag(at(registry.host), '1.0', asked), image.digest);
  assert.deepEqual(asked.requests, ['manifest']);
  assert.deepEqual(
    registry.requests.map(({ method, path }) => `${method} ${path}`),
    ['HEAD /v2/acme/app/manifests/1.0'],
  );
});

test('the connection is kept after HEAD', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.setHeader('docker-content-digest', ABSENT).end();
  });
  const client = clientFor(t);
  for (const tag of ['1', '2', '3']) await client.resolveTag(at(server.host), tag, exchange());
  assert.equal(server.requests.length, 3);
  assert.equal(server.connections(), 1);
});

test('a registry that does not say the digest is asked for the manifest, and the digest computed', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'headers', headers: { 'docker-content-digest': undefined } });
  const asked = exchange();
  assert.equal(await clientFor(t).resolveTag(at(registry.host), '1.0', asked), image.digest);
  assert.deepEqual(asked.requests, ['manifest', 'manifest']);
});

test('a registry that does not know HEAD is asked by GET', async (t) => {
  const body = Buffer.from('{"schemaVersion":2}');
  const server = await rawServer(t, (request, response) => {
    response.statusCode = request.method === 'HEAD' ? 405 : 200;
    response.end(body);
  });
  assert.equal(await clientFor(t).resolveTag(at(server.host), '1.0', exchange()), digestOf(body));
});

test('a tag that is not there is IMAGE_NOT_FOUND', async (t) => {
  const registry = await registryFor(t);
  registry.pushImage('acme/app', { tag: '1.0' });
  const asked = exchange();
  await rejectsWith(
    clientFor(t).resolveTag(at(registry.host), '2.0', asked),
    'IMAGE_NOT_FOUND',
    /acme\/app:2\.0/,
  );
  assert.deepEqual(asked.requests, ['manifest']);
});

test('a digest that is none is RESPONSE_MALFORMED', async (t) => {
  const registry = await registryFor(t);
  registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'headers', headers: { 'docker-content-digest': 'sha256:ABC' } });
  await rejectsWith(clientFor(t).resolveTag(at(registry.host), '1.0', exchange()), 'RESPONSE_MALFORMED');
});

test('a manifest by digest, by tag, and one that is not there', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const client = clientFor(t);
  for (const reference of [image.digest, { tag: '1.0' }]) {
    const manifest = await client.manifest(at(registry.host), reference, exchange());
    assert.equal(manifest?.digest, image.digest);
    assert.equal(manifest?.mediaType, image.mediaType);
    assert.deepEqual(Buffer.from(manifest?.bytes ?? ''), Buffer.from(image.manifest));
  }
  assert.equal(await client.manifest(at(registry.host), ABSENT, exchange()), undefined);
  assert.equal(await client.manifest(at(registry.host), { tag: 'no' }, exchange()), undefined);
});

test('a sha512 digest is computed as such', async (t) => {
  const registry = await registryFor(t);
  const bytes = Buffer.from('{"schemaVersion":2}');
  const digest = digestOf(bytes, 'sha512');
  registry.putManifest('acme/app', bytes, { digest, tag: 'long' });
  const client = clientFor(t);
  assert.equal((await client.manifest(at(registry.host), digest, exchange()))?.digest, digest);
  assert.equal((await client.manifest(at(registry.host), { tag: 'long' }, exchange()))?.digest, digest);
});

test('other bytes than the digest asked for are DIGEST_MISMATCH, and not asked for again', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'wrong-bytes' });
  const asked = exchange();
  await rejectsWith(clientFor(t).manifest(at(registry.host), image.digest, asked), 'DIGEST_MISMATCH');
  assert.deepEqual(asked.requests, ['manifest']);
});

test('by tag, other bytes than the digest that the registry says are DIGEST_MISMATCH', async (t) => {
  const registry = await registryFor(t);
  registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'wrong-bytes' });
  await rejectsWith(clientFor(t).manifest(at(registry.host), { tag: '1.0' }, exchange()), 'DIGEST_MISMATCH');
});

test('a web page instead of a manifest is RESPONSE_MALFORMED, by content type and by content', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const client = clientFor(t);
  const page = '<!doctype html><title>Log in</title>';
  const html = registry.fault({ kind: 'body', body: page });
  for (const reference of [image.digest, { tag: '1.0' }]) {
    await rejectsWith(
      client.manifest(at(registry.host), reference, exchange()),
      'RESPONSE_MALFORMED',
      /web page/,
    );
  }
  html.remove();
  registry.fault({ kind: 'body', body: page, contentType: 'application/json' });
  await rejectsWith(
    client.manifest(at(registry.host), { tag: '1.0' }, exchange()),
    'RESPONSE_MALFORMED',
    /not JSON/,
  );
  await rejectsWith(client.manifest(at(registry.host), image.digest, exchange()), 'DIGEST_MISMATCH');
});

test('404 with a web page is a proxy speaking, not a registry: nothing is learned from it', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'body', body: '<h1>404</h1>', status: 404 });
  const client = clientFor(t);
  await rejectsWith(client.manifest(at(registry.host), { tag: '1.0' }, exchange()), 'RESPONSE_MALFORMED');
  await rejectsWith(client.resolveTag(at(registry.host), '1.0', exchange()), 'RESPONSE_MALFORMED');
  await rejectsWith(client.tags(at(registry.host), exchange()), 'RESPONSE_MALFORMED');
});

test('404 in plain text is not found', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'body', body: '404 page not found', contentType: 'text/plain', status: 404 });
  assert.equal(await clientFor(t).manifest(at(registry.host), { tag: '1.0' }, exchange()), undefined);
});

test('a manifest of exactly the limit is read, one byte more is LIMIT_EXCEEDED', async (t) => {
  const registry = await registryFor(t);
  const frame = '{"schemaVersion":2,"pad":""}';
  const manifestOf = (size: number) => frame.replace('""', JSON.stringify('x'.repeat(size - frame.length)));
  const largest = registry.putManifest('acme/app', manifestOf(LIMITS.manifestBytes), { tag: 'largest' });
  const larger = registry.putManifest('acme/app', manifestOf(LIMITS.manifestBytes + 1), { tag: 'larger' });
  const client = clientFor(t);
  assert.equal(
    (await client.manifest(at(registry.host), largest.digest, exchange()))?.digest,
    largest.digest,
  );
  await rejectsWith(client.manifest(at(registry.host), larger.digest, exchange()), 'LIMIT_EXCEEDED');
});

test('a reading may have a smaller limit, and be ended as the bytes arrive', async (t) => {
  const registry = await registryFor(t);
  const { digest, size } = registry.pushImage('acme/app', { tag: '1.0' });
  const client = clientFor(t);
  for (const reference of [digest, { tag: '1.0' }]) {
    let taken = 0;
    const take = (bytes: number) => {
      taken += bytes;
    };
    const read = await client.manifest(at(registry.host), reference, exchange(), { limit: size, take });
    assert.equal(read?.bytes.length, size);
    assert.equal(taken, size);
    await rejectsWith(
      client.manifest(at(registry.host), reference, exchange(), { limit: size - 1 }),
      'LIMIT_EXCEEDED',
    );
    const refuse = () => {
      throw new CountersignError('LIMIT_EXCEEDED', 'no room');
    };
    const asked = exchange();
    await rejectsWith(
      client.manifest(at(registry.host), reference, asked, { take: refuse }),
      'LIMIT_EXCEEDED',
      /no room/,
    );
    assert.deepEqual(asked.requests, ['manifest'], 'not asked again');
  }
});

test('a manifest without end is LIMIT_EXCEEDED, announced or not', async (t) => {
  const registry = await registryFor(t);
  registry.pushImage('acme/app', { tag: '1.0' });
  for (const declared of [true, false]) {
    registry.fault({ kind: 'oversize', bytes: 2 ** 40, declared, times: 1 });
    await rejectsWith(clientFor(t).manifest(at(registry.host), { tag: '1.0' }, exchange()), 'LIMIT_EXCEEDED');
  }
});

test('a manifest that is cut off is asked for again', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'truncate', times: 2 });
  const asked = exchange();
  const manifest = await clientFor(t).manifest(at(registry.host), image.digest, asked);
  assert.equal(manifest?.digest, image.digest);
  assert.equal(asked.requests.length, 3);
});

test('a compressed answer is refused', async (t) => {
  const registry = await registryFor(t);
  registry.pushImage('acme/app', { tag: '1.0' });
  const client = clientFor(t);
  registry.fault({ kind: 'headers', headers: { 'content-encoding': 'gzip' }, times: 1 });
  await rejectsWith(
    client.manifest(at(registry.host), { tag: '1.0' }, exchange()),
    'RESPONSE_MALFORMED',
    /compressed/,
  );
  registry.fault({ kind: 'headers', headers: { 'content-encoding': 'identity' } });
  assert.ok(await client.manifest(at(registry.host), { tag: '1.0' }, exchange()));
});

test('all manifest types are accepted, nothing compressed is', async (t) => {
  const server = await rawServer(t, (_request, response) => response.end('{}'));
  await clientFor(t).manifest(at(server.host), { tag: '1.0' }, exchange());
  const headers = server.requests[0]?.headers;
  for (const type of [
    'oci.image.manifest.v1',
    'oci.image.index.v1',
    'distribution.manifest.v2',
    'manifest.list.v2',
  ]) {
    assert.match(headers?.accept ?? '', new RegExp(type.replaceAll('.', '\\.')));
  }
  assert.equal(headers?.['accept-encoding'], 'identity');
});

test('a status that the specification does not know is REGISTRY_ERROR with the code of the registry', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'status', status: 418 });
  const asked = exchange();
  const error = await rejectsWith(
    clientFor(t).manifest(at(registry.host), image.digest, asked),
    'REGISTRY_ERROR',
  );
  assert.match(error.message, /418 UNSUPPORTED/);
  assert.match(error.message, new RegExp(`acme/app@${image.digest}`));
  assert.equal(asked.requests.length, 1);
});

test('names that are no repository and no tag never reach a URL', async (t) => {
  const registry = await registryFor(t);
  const client = clientFor(t);
  for (const repository of ['../secret', 'a/../b', 'a//b', '', 'a/%2e%2e', 'a?b', 'a#b', '/a']) {
    await rejectsWith(
      client.manifest(at(registry.host, repository), { tag: '1' }, exchange()),
      'REFERENCE_INVALID',
    );
  }
  for (const tag of ['../../x', 'a/b', '', '?', 'x'.repeat(129)]) {
    await rejectsWith(client.manifest(at(registry.host), { tag }, exchange()), 'REFERENCE_INVALID');
    await rejectsWith(client.resolveTag(at(registry.host), tag, exchange()), 'REFERENCE_INVALID');
  }
  assert.equal(registry.requests.length, 0);
});
