// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import {
  createTestKey,
  LEGACY_REFERRER_MEDIA_TYPE,
  makeLegacyManifest,
  makeLegacyPayload,
  signLegacy,
  startTestRegistry,
  type TestRegistryOptions,
} from '../../src/testing/index.ts';
import { skipWithoutVectors, vectorsPath } from '../support/vectors.ts';

const SIGNATURE = 'dev.cosignproject.cosign/signature';

async function signedWorld(t: TestContext, options?: TestRegistryOptions) {
  const registry = await startTestRegistry(options);
  t.after(() => registry.close());
  return { registry, image: registry.pushImage('acme/web', { tag: '1.0' }), key: createTestKey() };
}

type Manifest = {
  config: { mediaType: string; digest: string };
  layers: { digest: string; size: number; mediaType: string; annotations: Record<string, string> }[];
  subject?: unknown;
};
const parse = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString()) as Manifest;

test('the payload is byte for byte as cosign writes it', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  assert.equal(
    makeLegacyPayload({ digest, dockerReference: 'reg.io/app' }).toString(),
    `{"critical":{"identity":{"docker-reference":"reg.io/app"},"image":{"docker-manifest-digest":"${digest}"},` +
      '"type":"cosign container image signature"},"optional":null}',
  );
  const annotations = { b: '<&>\u2028', a: 'é' };
  assert.match(
    makeLegacyPayload({ digest, dockerReference: 'reg.io/app', annotations }).toString(),
    /"optional":\{"a":"é","b":"\\u003c\\u0026\\u003e\\u2028"\}\}$/,
  );
});

test('manifest and config are byte for byte as cosign writes them', { skip: skipWithoutVectors }, () => {
  const real = readFileSync(vectorsPath('local-sigstore', 'legacy.sig.manifest.json'));
  const { manifest } = makeLegacyManifest(parse(real).layers);
  assert.equal(manifest.toString(), real.toString().trim());
});

test('a signature lies under the .sig tag, and its layer verifies', async (t) => {
  const { registry, image, key } = await signedWorld(t);
  const { tag, payload, digest } = signLegacy(registry, image, key, { annotations: { env: 'prod' } });
  assert.equal(tag, `${image.digest.replace(':', '-')}.sig`);
  const stored = registry.manifest('acme/web', tag);
  assert.equal(stored?.digest, digest);
  const { layers, config } = parse(stored?.bytes);
  const [layer] = layers;
  assert.equal(layers.length, 1);
  assert.equal(layer?.mediaType, 'application/vnd.dev.cosign.simplesigning.v1+json');
  assert.deepEqual(registry.blob('acme/web', layer?.digest ?? ''), payload);
  assert.ok(registry.blob('acme/web', config.digest));
  const signature = Buffer.from(layer?.annotations[SIGNATURE] ?? '', 'base64');
  assert.ok(verify('sha256', payload, key.publicKey, signature));
  const signed = JSON.parse(Buffer.from(payload).toString());
  assert.equal(signed.critical.image['docker-manifest-digest'], image.digest);
  assert.equal(signed.critical.identity['docker-reference'], `${registry.host}/acme/web`);
  assert.deepEqual(signed.optional, { env: 'prod' });
});

test('signing again appends a layer; equal payloads share a blob', async (t) => {
  const { registry, image, key } = await signedWorld(t);
  signLegacy(registry, image, key);
  const { tag = '' } = signLegacy(registry, image, createTestKey('rsa-2048'));
  const { layers } = parse(registry.manifest('acme/web', tag)?.bytes);
  assert.equal(layers.length, 2);
  assert.equal(layers[0]?.digest, layers[1]?.digest);
  assert.notEqual(layers[0]?.annotations[SIGNATURE], layers[1]?.annotations[SIGNATURE]);
});

test('another digest, reference, payload or signature text can be forced', async (t) => {
  const { registry, image, key } = await signedWorld(t);
  const other = `sha256:${'b'.repeat(64)}`;
  const moved = signLegacy(registry, image, key, { payloadDigest: other, dockerReference: 'docker.io/x/y' });
  const { critical } = JSON.parse(Buffer.from(moved.payload).toString());
  assert.equal(critical.image['docker-manifest-digest'], other);
  assert.equal(critical.identity['docker-reference'], 'docker.io/x/y');
  const raw = signLegacy(registry, image, key, {
    payload: 'not json',
    signature: '!',
    layerAnnotations: { a: 'b' },
  });
  assert.equal(Buffer.from(raw.payload).toString(), 'not json');
  assert.deepEqual(raw.descriptor.annotations, { a: 'b', [SIGNATURE]: '!' });
});

test('as a referrer it has a subject and the artifact type as config type', async (t) => {
  for (const referrers of [true, false]) {
    const { registry, image, key } = await signedWorld(t, { referrers });
    const { digest, tag, payload } = signLegacy(registry, image, key, { storage: 'referrer' });
    assert.equal(tag, undefined);
    const manifest = parse(registry.manifest('acme/web', digest)?.bytes);
    assert.equal(manifest.config.mediaType, LEGACY_REFERRER_MEDIA_TYPE);
    const { mediaType, size } = image;
    assert.deepEqual(manifest.subject, { mediaType, size, digest: image.digest });
    assert.ok(registry.blob('acme/web', digestOf(payload)));
    assert.deepEqual(
      registry.tags('acme/web'),
      referrers ? ['1.0'] : ['1.0', image.digest.replace(':', '-')],
    );
    const response = await fetch(`${registry.url}/v2/acme/web/referrers/${image.digest}`);
    assert.equal(response.status, referrers ? 200 : 404);
    if (referrers) assert.ok((await response.text()).includes(LEGACY_REFERRER_MEDIA_TYPE));
  }
});
