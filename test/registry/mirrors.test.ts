// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RegistryConfig } from '../../src/config/index.ts';
import { digestOf } from '../../src/image/digest.ts';
import { passwordCredential } from '../../src/registry/index.ts';
import { withMirrors } from '../../src/registry/mirrors.ts';
import type { Fault, TestRegistry, TestRegistryOptions } from '../../src/testing/index.ts';
import { at, clientFor, configOf, credentialFor, exchange, registryFor, rejectsWith } from './world.ts';

const BLOB = Buffer.from('signed');
const DESCRIPTOR = { digest: digestOf(BLOB), size: BLOB.length };
const [REPOSITORY, THERE] = ['acme/app', 'hub/acme/app'];

/** An origin, a mirror of it below `hub`, and a client that knows of both. */
async function pair(t: TestContext, entry: RegistryConfig = {}, there: TestRegistryOptions = {}) {
  const [origin, mirror] = [await registryFor(t), await registryFor(t, there)];
  const registries = {
    [origin.host]: { ...entry, mirror: { registry: mirror.host, path: 'hub' }, unsafePlainHttp: true },
    [mirror.host]: { unsafePlainHttp: true },
  };
  const client = clientFor(t, { registries, allowLoopback: false });
  return { origin, mirror, registries, client, image: at(origin.host) };
}

function pathsOf(registry: TestRegistry): string[] {
  return registry.requests.map(({ method, path }) => `${method} ${path}`);
}

test('what is asked for by digest comes from the mirror, below its path, and the origin is not asked', async (t) => {
  const { origin, mirror, client, image } = await pair(t);
  const { digest } = mirror.pushImage(THERE, { tag: '1.0' });
  mirror.putBlob(THERE, BLOB);
  const asked = exchange();
  assert.equal((await client.manifest(image, digest, asked))?.digest, digest);
  assert.deepEqual(Buffer.from(await client.blob(image, DESCRIPTOR, 100, asked)), BLOB);
  assert.deepEqual(pathsOf(origin), []);
  assert.deepEqual(pathsOf(mirror), [
    `GET /v2/${THERE}/manifests/${digest}`,
    `GET /v2/${THERE}/blobs/${DESCRIPTOR.digest}`,
  ]);
  assert.deepEqual(asked.requests, ['manifest', 'blob']);
});

test('a mirror without a path has the repositories under their own names', async (t) => {
  const { mirror, registries, origin } = await pair(t);
  const { digest } = mirror.pushImage(REPOSITORY);
  const config = configOf({ [origin.host]: { mirror: { registry: mirror.host, path: '' } } });
  const client = withMirrors(
    clientFor(t, { registries: { [mirror.host]: registries[mirror.host] ?? {} } }),
    config,
  );
  assert.ok(await client.manifest(at(origin.host), digest, exchange()));
  assert.deepEqual(pathsOf(origin), []);
});

test('tags, lists of tags and lists of signatures come from the origin, whatever the mirror has', async (t) => {
  const { origin, mirror, client, image } = await pair(t);
  const { digest } = origin.pushImage(REPOSITORY, { tag: '1.0', content: 'new' });
  mirror.pushImage(THERE, { tag: '1.0', content: 'old' });
  assert.equal(await client.resolveTag(image, '1.0', exchange()), digest);
  assert.equal((await client.manifest(image, { tag: '1.0' }, exchange()))?.digest, digest);
  assert.deepEqual(await client.referrers(image, digest, exchange()), []);
  assert.deepEqual(await client.tags(image, exchange()), ['1.0']);
  assert.deepEqual(pathsOf(mirror), []);
});

test('what the mirror does not have comes from the origin; that there is nothing is the word of the origin', async (t) => {
  const { origin, mirror, client, image } = await pair(t);
  const { digest } = origin.pushImage(REPOSITORY);
  origin.putBlob(REPOSITORY, BLOB);
  assert.equal((await client.manifest(image, digest, exchange()))?.digest, digest);
  assert.ok(await client.blob(image, DESCRIPTOR, 100, exchange()));
  assert.equal(await client.manifest(image, DESCRIPTOR.digest, exchange()), undefined);
  // A mirror that has nothing is no mirror that is down: it is asked each time, and once.
  assert.equal(mirror.requests.length, 3);
  assert.equal(origin.requests.length, 3);
  await origin.stop();
  await rejectsWith(client.manifest(image, digest, exchange()), 'REGISTRY_UNREACHABLE');
});

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['wrong bytes', { kind: 'wrong-bytes' }],
  ['half an answer', { kind: 'truncate' }],
  ['an error of its own', { kind: 'status', status: 500 }],
  ['too many requests', { kind: 'status', status: 429, retryAfter: 120 }],
  ['a refusal', { kind: 'status', status: 403 }],
  ['a web page', { kind: 'body', body: '<html>', status: 404 }],
  ['a cut connection', { kind: 'reset' }],
];

for (const [what, fault] of FAULTS) {
  test(`a mirror that gives ${what}: the origin is asked`, async (t) => {
    const { origin, mirror, client, image } = await pair(t);
    const { digest } = origin.pushImage(REPOSITORY);
    mirror.pushImage(THERE, { content: `${REPOSITORY}:` });
    mirror.fault(fault);
    const found = await client.manifest(image, digest, exchange());
    assert.equal(found && digestOf(found.bytes), digest);
    assert.equal(origin.requests.length, 1);
    assert.ok(mirror.requests.length > 0);
  });
}

test('a mirror that does not answer leaves the origin half of the time', async (t) => {
  const { origin, mirror, client, image } = await pair(t);
  const { digest } = origin.pushImage(REPOSITORY);
  mirror.fault({ kind: 'hang' });
  const asked = exchange(6_000);
  assert.ok(await client.manifest(image, digest, asked));
  assert.ok(performance.now() < asked.deadline);
});

test('a mirror that is down is left alone for a while, and asked again after that', async (t) => {
  const { origin, mirror, registries, image } = await pair(t);
  const client = withMirrors(
    clientFor(t, { registries: { ...registries, [origin.host]: { unsafePlainHttp: true } } }),
    configOf(registries),
    3_000,
  );
  const { digest } = origin.pushImage(REPOSITORY);
  mirror.pushImage(THERE, { content: `${REPOSITORY}:` });
  mirror.fault({ kind: 'status', status: 503, times: 3 });
  assert.ok(await client.manifest(image, digest, exchange()));
  assert.equal(mirror.requests.length, 3);
  assert.ok(await client.manifest(image, digest, exchange()));
  assert.deepEqual([mirror.requests.length, origin.requests.length], [3, 2]);
  await new Promise((resolve) => setTimeout(resolve, 3_050));
  assert.ok(await client.manifest(image, digest, exchange()));
  assert.deepEqual([mirror.requests.length, origin.requests.length], [4, 2]);
});

test('a mirror left alone is still asked where the origin fails', async (t) => {
  const { origin, mirror, client, image } = await pair(t);
  const { digest } = mirror.pushImage(THERE);
  mirror.fault({ kind: 'status', status: 503, times: 3 });
  await origin.stop();
  await rejectsWith(client.manifest(image, digest, exchange()), 'REGISTRY_UNREACHABLE', /its mirror: .*503/);
  assert.ok(await client.manifest(image, digest, exchange()));
});

test('an address that the Config does not name is not passed over: being a mirror names no host', async (t) => {
  const { origin, mirror, registries, image } = await pair(t);
  const { digest } = origin.pushImage(REPOSITORY);
  const client = clientFor(t, {
    registries: { [origin.host]: registries[origin.host] ?? {} },
    allowLoopback: false,
  });
  await rejectsWith(client.manifest(image, digest, exchange()), 'ADDRESS_FORBIDDEN', new RegExp(mirror.host));
  assert.deepEqual([...pathsOf(mirror), ...pathsOf(origin)], []);
});

test('a limit is a limit: the origin is not asked for what is too large at the mirror', async (t) => {
  const { origin, mirror, client, image } = await pair(t);
  const { digest } = mirror.pushImage(THERE);
  await rejectsWith(client.manifest(image, digest, exchange(), { limit: 10 }), 'LIMIT_EXCEEDED');
  assert.deepEqual(pathsOf(origin), []);
});

test('credentials for the mirror are those of its own host, and tell facts apart', async (t) => {
  const users = [{ username: 'alice', password: 's3cret' }];
  const { origin, mirror, registries, image } = await pair(t, {}, { auth: { kind: 'basic', users } });
  const { digest } = mirror.pushImage(THERE);
  origin.pushImage(REPOSITORY, { content: `${THERE}:` });
  const nobody = clientFor(t, { registries });
  const client = clientFor(t, { registries, credentials: credentialFor(mirror.host) });
  assert.ok(await client.manifest(image, digest, exchange()));
  assert.deepEqual(pathsOf(origin), []);
  assert.equal(mirror.requests.at(-1)?.authorization, 'basic');
  const ids = [nobody, client].map((one) => one.credentialId(image, {}));
  assert.equal(ids[0], '');
  assert.notEqual(ids[1], '');
  // Those of the origin stay at home.
  mirror.clearRequests();
  const atOrigin = clientFor(t, {
    registries,
    credentials: credentialFor(origin.host, passwordCredential('bob', 'x')),
  });
  assert.ok(await atOrigin.manifest(image, digest, exchange()));
  assert.ok(mirror.requests.every(({ authorization }) => authorization === 'none'));
  assert.ok(origin.requests.length > 0);
});

test('unsafeMirrorTags: tags and lists of signatures come from the mirror, and from the origin what it lacks', async (t) => {
  const { origin, mirror, client, image } = await pair(t, { unsafeMirrorTags: true });
  const { digest } = mirror.pushImage(THERE, { tag: '1.0', content: 'old' });
  mirror.putManifest(
    THERE,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest, size: 2 },
      layers: [],
      subject: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 2 },
    }),
  );
  assert.equal(await client.resolveTag(image, '1.0', exchange()), digest);
  assert.equal((await client.manifest(image, { tag: '1.0' }, exchange()))?.digest, digest);
  assert.equal((await client.referrers(image, digest, exchange())).length, 1);
  assert.deepEqual(pathsOf(origin), []);

  const signed = origin.pushImage(REPOSITORY, { tag: '2.0' });
  origin.putManifest(REPOSITORY, '{"schemaVersion":2}', { tag: 'sha256-1.sig' });
  assert.equal(await client.resolveTag(image, '2.0', exchange()), signed.digest);
  assert.ok(await client.manifest(image, { tag: 'sha256-1.sig' }, exchange()));
  // An empty list of the mirror is not the last word: the origin is asked.
  assert.deepEqual(await client.referrers(image, signed.digest, exchange()), []);
  assert.equal(origin.requests.at(-1)?.kind, 'referrers');
  await origin.stop();
  await rejectsWith(client.referrers(image, signed.digest, exchange()), 'REGISTRY_UNREACHABLE');
  await rejectsWith(client.manifest(image, { tag: 'sha256-2.sig' }, exchange()), 'REGISTRY_UNREACHABLE');
  await rejectsWith(
    client.resolveTag(image, '3.0', exchange()),
    'REGISTRY_UNREACHABLE',
    /its mirror: .*has no/,
  );
});
