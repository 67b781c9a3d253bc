// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  attestImage,
  createTestKey,
  createTestSigstore,
  githubIdentity,
  signImageKeyless,
  startTestRegistry,
} from '../../../src/testing/index.ts';
import { verifyWithSigstoreJs } from '../../support/sigstore-oracle.ts';

const sigstore = createTestSigstore();
const root = sigstore.trustedRoot();
const identity = githubIdentity('acme/web');
const predicateType = 'https://slsa.dev/provenance/v1';

async function pushedImage(t: TestContext) {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  return { registry, image: registry.pushImage('acme/web', { tag: '1.0' }) };
}

const parse = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString());
const payloadOf = (bundle: Uint8Array) => parse(Buffer.from(parse(bundle).dsseEnvelope.payload, 'base64'));

test('a keyless signature is a bundle that refers to the image', async (t) => {
  const { registry, image } = await pushedImage(t);
  const signed = signImageKeyless(registry, image, sigstore, identity, { annotations: { env: 'prod' } });
  assert.ok('bundle' in signed);
  verifyWithSigstoreJs(root, signed.bundle);
  const { subject, annotations } = parse(registry.manifest(image.repository, signed.digest)?.bytes);
  assert.equal(subject.digest, image.digest);
  assert.equal(annotations['dev.sigstore.bundle.predicateType'], 'https://sigstore.dev/cosign/sign/v1');
  const [signedSubject] = payloadOf(signed.bundle).subject;
  assert.equal(`sha256:${signedSubject.digest.sha256}`, image.digest);
  assert.deepEqual(signedSubject.annotations, { env: 'prod' });
});

test('a message signature is over the manifest of the image', async (t) => {
  const { registry, image } = await pushedImage(t);
  const signed = signImageKeyless(registry, image, sigstore, identity, { content: 'message-signature' });
  assert.ok('bundle' in signed);
  verifyWithSigstoreJs(root, signed.bundle, { artifact: image.manifest });
});

test('legacy signatures and attestations add up under their tags', async (t) => {
  const { registry, image } = await pushedImage(t);
  const tag = image.digest.replace(':', '-');
  signImageKeyless(registry, image, sigstore, identity, { format: 'legacy' });
  signImageKeyless(registry, image, sigstore, identity, { format: 'legacy', defects: ['foreignCa'] });
  attestImage(registry, image, sigstore, {
    identity,
    predicateType,
    format: 'legacy',
    entry: 'intoto 0.0.1',
  });
  attestImage(registry, image, sigstore, { key: createTestKey(), predicateType, format: 'legacy' });
  const layersOf = (suffix: string) =>
    parse(registry.manifest(image.repository, `${tag}.${suffix}`)?.bytes).layers;
  assert.equal(layersOf('sig').length, 2);
  assert.deepEqual(
    layersOf('att').map(
      ({ annotations }: { annotations: Record<string, string> }) => annotations['predicateType'],
    ),
    [predicateType, predicateType],
  );
  const [layer] = layersOf('sig');
  const signed = parse(registry.blob(image.repository, layer.digest));
  assert.equal(signed.critical.image['docker-manifest-digest'], image.digest);
});

test('an attestation is a bundle too, keyless or by a key, and may lie about the digest', async (t) => {
  const { registry, image } = await pushedImage(t);
  const subjectDigest = `sha256:${'b'.repeat(64)}`;
  const predicate = { builder: { id: 'x' } };
  const attested = attestImage(registry, image, sigstore, {
    identity,
    predicateType,
    predicate,
    subjectDigest,
  });
  assert.ok('bundle' in attested);
  verifyWithSigstoreJs(root, attested.bundle);
  const statement = payloadOf(attested.bundle);
  assert.deepEqual(statement.predicate, predicate);
  assert.equal(statement.subject[0].digest.sha256, 'b'.repeat(64));
  const key = createTestKey();
  const keyed = attestImage(registry, image, sigstore, { key, log: 'v1', predicateType });
  assert.ok('bundle' in keyed);
  verifyWithSigstoreJs(root, keyed.bundle, { key });
});
