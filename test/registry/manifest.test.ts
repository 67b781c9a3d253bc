// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { digestOf } from '../../src/image/digest.ts';
import { LIMITS } from '../../src/limits.ts';
import { parseManifest } from '../../src/registry/index.ts';

const DIGEST = digestOf(Buffer.from('x'));
const LAYER = { mediaType: 'application/x', digest: DIGEST, size: 1 };

function parse(body: unknown) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return parseManifest({ bytes, digest: digestOf(bytes), mediaType: 'application/from-header' });
}

test('an image manifest', () => {
  const parsed = parse({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/a',
    config: { ...LAYER, artifactType: 'application/b' },
    layers: [{ ...LAYER, annotations: { 'dev.cosignproject.cosign/signature': 'MEUC' }, urls: ['http://x'] }],
    subject: LAYER,
    annotations: { a: 'b' },
    unknown: 1,
  });
  assert.deepEqual(parsed, {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/a',
    config: { ...LAYER, artifactType: 'application/b' },
    layers: [{ ...LAYER, annotations: { 'dev.cosignproject.cosign/signature': 'MEUC' } }],
    manifests: [],
    subject: LAYER,
    annotations: { a: 'b' },
  });
});

test('an index without its media type has that of the header', () => {
  const parsed = parse({ schemaVersion: 2, manifests: [LAYER] });
  assert.equal(parsed.mediaType, 'application/from-header');
  assert.deepEqual(parsed.manifests, [LAYER]);
  assert.deepEqual(parsed.layers, []);
});

test('null stands for absent', () => {
  const parsed = parse({
    schemaVersion: 2,
    layers: null,
    manifests: null,
    config: null,
    subject: null,
    annotations: null,
    artifactType: null,
  });
  assert.deepEqual(parsed, {
    mediaType: 'application/from-header',
    layers: [],
    manifests: [],
    annotations: {},
  });
});

test('an annotation called __proto__ is an annotation', () => {
  const parsed = parse('{"schemaVersion":2,"annotations":{"__proto__":"x"}}');
  assert.deepEqual(Object.entries(parsed.annotations), [['__proto__', 'x']]);
  assert.equal(Object.getPrototypeOf(parsed.annotations), Object.prototype);
});

const MALFORMED: Readonly<Record<string, unknown>> = {
  'not JSON': '<html>',
  empty: '',
  'a list': [],
  null: 'null',
  'schema version 1': { schemaVersion: 1, fsLayers: [] },
  'no schema version': { layers: [] },
  'a manifest and an index at once': { schemaVersion: 2, layers: [], manifests: [] },
  'an index with a config': { schemaVersion: 2, config: LAYER, manifests: [] },
  'layers that are no list': { schemaVersion: 2, layers: {} },
  'a layer that is no object': { schemaVersion: 2, layers: [1] },
  'a layer without digest': { schemaVersion: 2, layers: [{ ...LAYER, digest: undefined }] },
  'a layer of unknown algorithm': { schemaVersion: 2, layers: [{ ...LAYER, digest: 'md5:00' }] },
  'a layer without size': { schemaVersion: 2, layers: [{ ...LAYER, size: undefined }] },
  'a negative size': { schemaVersion: 2, layers: [{ ...LAYER, size: -1 }] },
  'a size of text': { schemaVersion: 2, layers: [{ ...LAYER, size: '1' }] },
  'a media type that is none': { schemaVersion: 2, mediaType: 1 },
  'a media type without end': { schemaVersion: 2, mediaType: 'x'.repeat(256) },
  'annotations that are no object': { schemaVersion: 2, annotations: 'x' },
  'an annotation that is a number': { schemaVersion: 2, annotations: { a: 1 } },
  'a subject that is no descriptor': { schemaVersion: 2, subject: 'x' },
};

test('LIMIT_EXCEEDED: deep nesting', () => {
  assert.throws(() => parse(`{"schemaVersion":2,"x":${'['.repeat(500_000)}`), { code: 'LIMIT_EXCEEDED' });
});

for (const [what, body] of Object.entries(MALFORMED)) {
  test(`RESPONSE_MALFORMED: ${what}`, () => {
    assert.throws(() => parse(body), { code: 'RESPONSE_MALFORMED' });
  });
}

test('RESPONSE_MALFORMED: bytes that are not UTF-8', () => {
  const bytes = Buffer.concat([Buffer.from('{"schemaVersion":2,"x":"'), Buffer.of(0xff), Buffer.from('"}')]);
  assert.throws(() => parseManifest({ bytes, digest: DIGEST, mediaType: '' }), {
    code: 'RESPONSE_MALFORMED',
  });
});

test('the limits of layers and of children, and one over', () => {
  const many = (count: number) => new Array(count).fill(LAYER);
  assert.equal(
    parse({ schemaVersion: 2, layers: many(LIMITS.signatureLayers) }).layers.length,
    LIMITS.signatureLayers,
  );
  assert.equal(
    parse({ schemaVersion: 2, manifests: many(LIMITS.referrers) }).manifests.length,
    LIMITS.referrers,
  );
  for (const body of [
    { layers: many(LIMITS.signatureLayers + 1) },
    { manifests: many(LIMITS.referrers + 1) },
  ]) {
    assert.throws(
      () => parse({ schemaVersion: 2, ...body }),
      (error) => error instanceof CountersignError && error.code === 'LIMIT_EXCEEDED',
    );
  }
});
