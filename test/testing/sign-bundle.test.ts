// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import {
  type BundleJson,
  bundleMediaType,
  createTestKey,
  encodePae,
  makeBundle,
  makeBundleManifest,
  signBundle,
  startTestRegistry,
  type TestRegistryOptions,
} from '../../src/testing/index.ts';
import { skipWithoutVectors, vectorsPath } from '../support/vectors.ts';

async function signedWorld(t: TestContext, options?: TestRegistryOptions) {
  const registry = await startTestRegistry(options);
  t.after(() => registry.close());
  return { registry, image: registry.pushImage('acme/web', { tag: '1.0' }), key: createTestKey() };
}

const digest = `sha256:${'a'.repeat(64)}`;
const parse = (bytes: Uint8Array): BundleJson => JSON.parse(Buffer.from(bytes).toString());

function openEnvelope(bundle: BundleJson) {
  const { payload = '', payloadType = '', signatures = [] } = bundle.dsseEnvelope ?? {};
  const bytes = Buffer.from(payload, 'base64');
  return {
    bytes,
    pae: encodePae(payloadType, bytes),
    signature: Buffer.from(signatures[0]?.sig ?? '', 'base64'),
  };
}

test('the pre-authentication encoding is that of the DSSE specification', () => {
  const pae = encodePae('http://example.com/HelloWorld', Buffer.from('hello world'));
  assert.equal(pae.toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('the bundle holds the statement of cosign, signed as an envelope', () => {
  const key = createTestKey();
  const bundle = parse(makeBundle(key, { digest, annotations: { env: 'prod' } }));
  assert.equal(bundle.mediaType, 'application/vnd.dev.sigstore.bundle.v0.3+json');
  const spki = key.publicKey.export({ type: 'spki', format: 'der' });
  const hint = createHash('sha256').update(spki).digest('base64');
  assert.deepEqual(bundle.verificationMaterial, { publicKey: { hint } });
  const { bytes, pae, signature } = openEnvelope(bundle);
  assert.equal(
    bytes.toString(),
    `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"${'a'.repeat(64)}"},` +
      '"annotations":{"env":"prod"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}',
  );
  assert.ok(verify('sha256', pae, key.publicKey, signature));
});

test('version, predicate, statement, payload type and any byte of the bundle can be forced', () => {
  const key = createTestKey('ed25519');
  const made = parse(
    makeBundle(key, {
      digest,
      mediaType: bundleMediaType('0.1', 'parameter'),
      statement: '{}',
      payloadType: 'text/plain',
      edit: (bundle) => {
        bundle.verificationMaterial = { publicKey: {} };
        bundle.dsseEnvelope?.signatures.push({ sig: '' });
      },
    }),
  );
  assert.equal(made.mediaType, 'application/vnd.dev.sigstore.bundle+json;version=0.1');
  assert.deepEqual(made.verificationMaterial, { publicKey: {} });
  assert.equal(made.dsseEnvelope?.signatures.length, 2);
  const { bytes, pae, signature } = openEnvelope(made);
  assert.equal(bytes.toString(), '{}');
  assert.ok(verify(null, pae, key.publicKey, signature));
  const slsa = openEnvelope(
    parse(makeBundle(key, { digest, predicateType: 'https://slsa.dev/provenance/v1' })),
  );
  assert.match(slsa.bytes.toString(), /"predicateType":"https:\/\/slsa\.dev\/provenance\/v1"/);
});

test('the manifest is byte for byte as cosign writes it', { skip: skipWithoutVectors }, () => {
  const real = readFileSync(vectorsPath('local-sigstore', 'key-offline.bundle.json.manifest.json'))
    .toString()
    .trim();
  const bundle = readFileSync(vectorsPath('local-sigstore', 'key-offline.bundle.json'));
  const { subject, annotations } = JSON.parse(real);
  const created = new Date(annotations['org.opencontainers.image.created']);
  assert.equal(makeBundleManifest(bundle, subject, { created }).toString(), real);
});

test('a signed image has the bundle as a referrer, with nothing under a tag', async (t) => {
  const { registry, image, key } = await signedWorld(t);
  const signed = signBundle(registry, image, key);
  const response = await fetch(`${registry.url}/v2/acme/web/referrers/${image.digest}`);
  const { manifests } = (await response.json()) as { manifests: { digest: string; artifactType: string }[] };
  assert.deepEqual(
    manifests.map(({ digest, artifactType }) => [digest, artifactType]),
    [[signed.digest, 'application/vnd.dev.sigstore.bundle.v0.3+json']],
  );
  const { layers, config } = JSON.parse(Buffer.from(signed.manifest).toString());
  assert.deepEqual(registry.blob('acme/web', layers[0].digest), signed.bundle);
  assert.equal(registry.blob('acme/web', config.digest)?.length, 2);
  assert.deepEqual(registry.tags('acme/web'), ['1.0']);
});

test('without the referrers API the fallback tag lists all, sorted, without annotations', async (t) => {
  const { registry, image, key } = await signedWorld(t, { referrers: false });
  const signed = [signBundle(registry, image, key), signBundle(registry, image, createTestKey())];
  const tag = image.digest.replace(':', '-');
  const stored = registry.manifest('acme/web', tag);
  assert.equal(stored?.mediaType, 'application/vnd.oci.image.index.v1+json');
  const { manifests } = JSON.parse(Buffer.from(stored?.bytes ?? []).toString());
  assert.deepEqual(
    manifests,
    signed
      .map(({ digest, manifest }) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        size: manifest.length,
        digest,
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      }))
      .sort((a, b) => (a.digest < b.digest ? -1 : 1)),
  );
});

test('a message signature is over the manifest of the image', async (t) => {
  const { registry, image, key } = await signedWorld(t);
  const { bundle, manifest } = signBundle(registry, image, key, { content: 'message-signature' });
  const { messageSignature, dsseEnvelope } = parse(bundle);
  assert.equal(dsseEnvelope, undefined);
  assert.deepEqual(messageSignature?.messageDigest, {
    algorithm: 'SHA2_256',
    digest: Buffer.from(image.digest.slice(7), 'hex').toString('base64'),
  });
  const signature = Buffer.from(messageSignature?.signature ?? '', 'base64');
  assert.ok(verify('sha256', image.manifest, key.publicKey, signature));
  assert.match(Buffer.from(manifest).toString(), /"dev\.sigstore\.bundle\.content":"message-signature"/);
});

test('another subject, or no bundle at all, can be attached', async (t) => {
  const { registry, image, key } = await signedWorld(t);
  const moved = signBundle(registry, image, key, { subjectDigest: digest });
  assert.ok(openEnvelope(parse(moved.bundle)).bytes.includes('a'.repeat(64)));
  const broken = signBundle(registry, image, key, { bundle: '<html>', artifactType: 'text/html' });
  assert.equal(Buffer.from(broken.bundle).toString(), '<html>');
  const response = await fetch(`${registry.url}/v2/acme/web/referrers/${image.digest}`);
  const { manifests } = (await response.json()) as { manifests: { artifactType: string }[] };
  assert.deepEqual(manifests.map(({ artifactType }) => artifactType).sort(), [
    'application/vnd.dev.sigstore.bundle.v0.3+json',
    'text/html',
  ]);
});
