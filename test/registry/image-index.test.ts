// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { LIMITS } from '../../src/limits.ts';
import { parseImageIndex } from '../../src/registry/index.ts';

const OCI = 'application/vnd.oci.image.index.v1+json';
const DOCKER = 'application/vnd.docker.distribution.manifest.list.v2+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const A = digestOf(Buffer.from('a'));
const B = digestOf(Buffer.from('b'));
const LINUX = { os: 'linux', architecture: 'amd64' };
const UNKNOWN = { os: 'unknown', architecture: 'unknown' };
const entry = (platform?: unknown, digest: unknown = A) => ({
  mediaType: MANIFEST,
  digest,
  size: 1,
  platform,
});

function parse(body: unknown, mediaType = '') {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return parseImageIndex({ bytes, digest: digestOf(bytes), mediaType });
}
const index = (...manifests: unknown[]) => ({ schemaVersion: 2, mediaType: OCI, manifests });

for (const mediaType of [OCI, DOCKER, undefined]) {
  test(`an index of type ${mediaType}`, () => {
    const manifests = [
      entry(LINUX),
      entry({ os: 'linux', architecture: 'arm', variant: 'v7', 'os.features': ['x'] }, B),
      entry(UNKNOWN, B),
    ];
    assert.deepEqual(parse({ schemaVersion: 2, mediaType, manifests }), [
      { digest: A, platform: 'linux/amd64', unknown: false },
      { digest: B, platform: 'linux/arm/v7', unknown: false },
      { digest: B, platform: 'unknown/unknown', unknown: true },
    ]);
  });
}

test('a manifest is no index, whatever the header says of one with its own type', () => {
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: {}, layers: [] };
  assert.equal(parse(manifest), undefined);
  assert.equal(parse(manifest, OCI), undefined);
  assert.equal(parse({ ...manifest, mediaType: undefined }, MANIFEST), undefined);
  assert.equal(parse({ ...manifest, manifests: null }), undefined);
});

test('an index with an empty list, or with none, is one all the same', () => {
  assert.deepEqual(parse(index()), []);
  assert.deepEqual(parse({ schemaVersion: 2, mediaType: OCI }), []);
  assert.deepEqual(parse({ schemaVersion: 2 }, DOCKER), []);
  assert.deepEqual(parse({ schemaVersion: 2, mediaType: MANIFEST, manifests: [] }), []);
});

test('only an explicit unknown/unknown is unknown', () => {
  for (const platform of [
    undefined,
    null,
    {},
    { os: 'unknown' },
    { architecture: 'unknown' },
    { os: 'unknown', architecture: 'amd64' },
    { os: 'linux', architecture: 'unknown' },
    { os: 'Unknown', architecture: 'unknown' },
    { os: 'unknown ', architecture: 'unknown' },
    { os: ['unknown'], architecture: ['unknown'] },
    { os: '', architecture: '' },
    { os: null, architecture: null },
  ]) {
    assert.equal(parse(index(entry(platform)))?.[0]?.unknown, false, JSON.stringify(platform));
  }
});

test('names of platforms that are none do not get into messages', () => {
  for (const os of ['a b', 'x'.repeat(33), '\u001b[31m', 'linux/amd64', 7]) {
    assert.equal(parse(index(entry({ os, architecture: 'amd64' })))?.[0]?.platform, '');
  }
});

const REFUSED: readonly (readonly [name: string, body: unknown])[] = [
  ['schema version 1', { ...index(entry(LINUX)), schemaVersion: 1 }],
  ['an index with layers', { ...index(entry(LINUX)), layers: [] }],
  ['an index with a config', { ...index(entry(LINUX)), config: {} }],
  ['an index with layers of schema 1', { ...index(entry(LINUX)), fsLayers: [] }],
  ['an index type with layers and no list', { schemaVersion: 2, mediaType: OCI, layers: [] }],
  ['a list that is none', { schemaVersion: 2, manifests: { 0: entry(LINUX) } }],
  ['an entry that is none', index('x')],
  ['an entry without a digest', index(entry(LINUX, undefined), { platform: LINUX })],
  ['a digest of another form', index(entry(LINUX, A.toUpperCase()))],
  ['a platform that is a text', index(entry('linux/amd64'))],
  ['a platform that is a list', index(entry(['linux']))],
  // What Go reads as the member itself:
  ['Manifests beside manifests', { ...index(entry(LINUX)), Manifests: [entry(LINUX, B)] }],
  ['MANIFESTS in a manifest', { schemaVersion: 2, config: {}, layers: [], MANIFESTS: [entry(LINUX)] }],
  ['manifests with a long s', { ...index(entry(LINUX)), manife\u017fts: [entry(LINUX, B)] }],
  ['Digest beside digest', index({ ...entry(LINUX), Digest: B })],
  ['Platform beside platform', index({ ...entry(UNKNOWN), Platform: LINUX })],
  ['OS beside os', index(entry({ ...UNKNOWN, OS: 'linux', Architecture: 'amd64' }))],
  ['Layers in an index', { ...index(entry(LINUX)), Layers: [] }],
  // And what two readers may choose differently between:
  ['manifests twice', `{"schemaVersion":2,"manifests":[${JSON.stringify(entry(LINUX))}],"manifests":[]}`],
  [
    'a platform twice',
    `{"schemaVersion":2,"manifests":[{"digest":"${A}","platform":{"os":"linux"},"platform":{"os":"unknown","architecture":"unknown"}}]}`,
  ],
  [
    'a system twice',
    `{"schemaVersion":2,"manifests":[{"digest":"${A}","platform":{"os":"linux","os":"unknown","architecture":"unknown"}}]}`,
  ],
  ['a digest twice', `{"schemaVersion":2,"manifests":[{"digest":"${A}","digest":"${B}"}]}`],
  ['annotations twice', '{"schemaVersion":2,"manifests":[],"annotations":{"a":"b","a":"c"}}'],
];

for (const [name, body] of REFUSED) {
  test(`refused: ${name}`, () => {
    assert.throws(() => parse(body), { code: 'RESPONSE_MALFORMED' });
  });
}

test('commas, brackets and escapes in texts are no members', () => {
  const annotations = { 'a,b': '{"x":[1,2]}', '"': '\\"', 'ä,[': '\u2028' };
  assert.deepEqual(parse({ ...index({ ...entry(LINUX), annotations }), annotations, x: [[], {}, [{}], 1] }), [
    { digest: A, platform: 'linux/amd64', unknown: false },
  ]);
});

test('more entries than are read', () => {
  const manifests = Array.from({ length: LIMITS.indexEntries + 1 }, () => entry(UNKNOWN));
  assert.throws(() => parse(index(...manifests)), { code: 'LIMIT_EXCEEDED' });
  assert.equal(parse(index(...manifests.slice(1)))?.length, LIMITS.indexEntries);
});
