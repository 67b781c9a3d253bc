// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdmissionRequest, listImages } from '../../src/admission/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { deployment, deploymentRequest, pod, podRequest, podUpdate } from './requests.ts';

const app = (image: unknown) => ({ name: 'app', image });
const spec = (...images: unknown[]) => ({ containers: images.map(app) });
const imagesOf = (request: AdmissionRequest) => listImages(request).uses.map((use) => use.image);

test('containers, init containers, ephemeral containers and image volumes are listed', () => {
  const object = pod({
    containers: [{ name: 'web', image: 'web:1' }, { image: 'nameless:1' }],
    initContainers: [{ name: 'setup', image: 'setup:1' }],
    ephemeralContainers: [{ name: 'debug', image: 'debug:1' }],
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: 'model', image: { reference: 'model:1' } },
      { name: 'x', image: null },
    ],
  });
  const listing = listImages(podRequest({ object }));
  assert.deepEqual(listing, {
    subject: 'pod',
    mirror: false,
    uses: [
      { image: 'web:1', container: 'web', kind: 'container', path: '/spec/containers/0/image' },
      { image: 'nameless:1', container: '', kind: 'container', path: '/spec/containers/1/image' },
      { image: 'setup:1', container: 'setup', kind: 'init', path: '/spec/initContainers/0/image' },
      { image: 'debug:1', container: 'debug', kind: 'ephemeral', path: '/spec/ephemeralContainers/0/image' },
      { image: 'model:1', container: 'model', kind: 'imageVolume', path: '/spec/volumes/1/image/reference' },
    ],
  });
});

const UNREAD: readonly (readonly [name: string, request: AdmissionRequest, reason: string])[] = [
  ['DELETE', podRequest({ operation: 'DELETE', object: undefined }), 'unread-operation'],
  ['DELETE of what cannot be read', podRequest({ operation: 'DELETE', object: 7 }), 'unread-operation'],
  [
    'CONNECT',
    podRequest({ operation: 'CONNECT', subResource: 'exec', kind: 'PodExecOptions' }),
    'unread-operation',
  ],
  ...['status', 'scale', 'resize', 'binding', 'eviction'].map(
    (subResource) =>
      [
        subResource,
        podRequest({ operation: 'UPDATE', subResource, object: null }),
        'unread-subresource',
      ] as const,
  ),
];

for (const [name, request, reason] of UNREAD) {
  test(`${name} is allowed unread`, () => {
    assert.deepEqual(listImages(request), { uses: [], subject: 'none', mirror: false, reason });
  });
}

test('any other subresource of a Pod is judged', () => {
  for (const subResource of ['ephemeralcontainers', 'exec', 'Status', 'status ', 'anything']) {
    const request = podUpdate(spec('a:1'), spec('a:1', 'b:1'), { subResource });
    assert.deepEqual(imagesOf(request), ['b:1'], subResource);
  }
  const object = { apiVersion: 'v1', kind: 'PodSomething' };
  const request = podRequest({ subResource: 'something', kind: 'PodSomething', object });
  assert.throws(() => listImages(request), { code: 'OBJECT_MALFORMED' });
});

/** What an update changes, the request, and the images that are judged. */
const UPDATES: readonly (readonly [name: string, request: AdmissionRequest, judged: readonly string[]])[] = [
  ['nothing', podUpdate(spec('a:1'), spec('a:1')), []],
  ['an image', podUpdate(spec('a:1'), spec('a:2')), ['a:2']],
  ['one image of two', podUpdate(spec('a:1', 'b:1'), spec('a:1', 'b:2')), ['b:2']],
  ['the order', podUpdate(spec('a:1', 'b:1'), spec('b:1', 'a:1')), []],
  [
    'an init image that becomes a container',
    podUpdate({ ...spec('a:1'), initContainers: [app('b:1')] }, spec('b:1')),
    [],
  ],
  [
    'how the same image is written',
    podUpdate(spec('nginx'), spec('docker.io/library/nginx')),
    ['docker.io/library/nginx'],
  ],
  ['letter case', podUpdate(spec('a:x'), spec('a:X')), ['a:X']],
  [
    'an ephemeral container',
    podUpdate(spec('a:1'), { ...spec('a:1'), ephemeralContainers: [app('d:1')] }),
    ['d:1'],
  ],
  [
    'an image volume',
    podUpdate(spec('a:1'), { ...spec('a:1'), volumes: [{ name: 'v', image: { reference: 'v:1' } }] }),
    ['v:1'],
  ],
  ['a container away', podUpdate(spec('a:1', 'b:1'), spec('a:1')), []],
  ['all containers away', podUpdate(spec('a:1'), spec()), []],
  ['with an old object that is missing', podUpdate(null, spec('a:1'), { oldObject: undefined }), ['a:1']],
  ['with an old object that is null', podUpdate(null, spec('a:1'), { oldObject: null }), ['a:1']],
  ['with an old object without spec', podUpdate(undefined, spec('a:1')), ['a:1']],
  ['with an old object that is malformed behind the image', podUpdate(spec('a:1', 7), spec('a:1')), ['a:1']],
  [
    'with an old object of another kind',
    podUpdate(null, spec('a:1'), { oldObject: deployment(spec('a:1')) }),
    ['a:1'],
  ],
  ['to an image named like a field of every object', podUpdate(spec('a:1'), spec('toString')), ['toString']],
  ['an empty image that was empty', podUpdate(spec(''), spec('')), []],
  ['white space that was there', podUpdate(spec(' a:1'), spec(' a:1')), []],
  ['on CREATE the old object excuses nothing', podRequest({ oldObject: pod(spec('nginx:1')) }), ['nginx:1']],
];

for (const [name, request, judged] of UPDATES) {
  test(`UPDATE, ${name}: ${judged.length} judged`, () => {
    const listing = listImages(request);
    assert.deepEqual(
      listing.uses.map((use) => use.image),
      judged,
    );
    assert.equal(listing.reason, judged.length === 0 ? 'no-new-image' : undefined);
    assert.equal(listing.subject, 'pod');
  });
}

test('an image that is used twice is two uses, each with its path', () => {
  const uses = listImages(podRequest({ object: pod(spec('a:1', 'a:1')) })).uses;
  assert.deepEqual(
    uses.map((use) => use.path),
    ['/spec/containers/0/image', '/spec/containers/1/image'],
  );
});

test('ownerReferences change nothing', () => {
  const metadata = {
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'x', controller: true }],
  };
  assert.deepEqual(imagesOf(podRequest({ object: pod(spec('nginx:1'), metadata) })), ['nginx:1']);
});

const volume = (reference: unknown) => ({ ...spec('a:1'), volumes: [{ name: 'v', image: { reference } }] });

test('an empty image is skipped in a template', () => {
  for (const empty of ['', null, undefined]) {
    assert.deepEqual(imagesOf(deploymentRequest(spec(empty, 'a:1'))), ['a:1']);
    assert.deepEqual(imagesOf(deploymentRequest(volume(empty))), ['a:1']);
  }
});

const image = (value: unknown) => podRequest({ object: pod(spec(value)) });
const podSpec = (value: unknown) => podRequest({ object: pod(value) });
const many = (count: number) => spec(...Array.from({ length: count }, (_, index) => `a:${index}`));

/** What is wrong, the request, the code and what the message says. */
const BAD: readonly (readonly [name: string, request: AdmissionRequest, code: string, message: RegExp])[] = [
  [
    'no image in a Pod',
    image(undefined),
    'IMAGE_EMPTY',
    /^\/spec\/containers\/0\/image: container "app" has no image$/,
  ],
  ['null image in a Pod', image(null), 'IMAGE_EMPTY', /no image/],
  ['empty image in a Pod', image(''), 'IMAGE_EMPTY', /no image/],
  [
    'empty init image',
    podSpec({ ...spec('a:1'), initContainers: [app('')] }),
    'IMAGE_EMPTY',
    /init container "app"/,
  ],
  ['empty image volume in a Pod', podSpec(volume('')), 'IMAGE_EMPTY', /image volume "v" has no image/],
  ['an image that an update empties', podUpdate(spec('a:1'), spec('')), 'IMAGE_EMPTY', /no image/],
  ['an image of white space', image('  '), 'OBJECT_MALFORMED', /white space/],
  ['white space before an image', image(' nginx'), 'OBJECT_MALFORMED', /white space/],
  ['a line end after an image', image('nginx\n'), 'OBJECT_MALFORMED', /white space/],
  ['white space in a template', deploymentRequest(spec(' nginx')), 'OBJECT_MALFORMED', /white space/],
  [
    'no object',
    podRequest({ object: undefined }),
    'OBJECT_MALFORMED',
    /^Pod: the object: wanted an object, found nothing$/,
  ],
  ['object null', podRequest({ object: null }), 'OBJECT_MALFORMED', /found nothing/],
  ['object a string', podRequest({ object: 'Pod' }), 'OBJECT_MALFORMED', /found the string "Pod"/],
  ['object an array', podRequest({ object: [] }), 'OBJECT_MALFORMED', /found an array/],
  ['no spec', podSpec(undefined), 'OBJECT_MALFORMED', /^Pod: \/spec: wanted an object, found nothing$/],
  ['no spec after an update', podUpdate(spec('a:1'), undefined), 'OBJECT_MALFORMED', /\/spec/],
  ['spec an array', podSpec([]), 'OBJECT_MALFORMED', /\/spec: wanted an object, found an array/],
  [
    'an inherited spec',
    podRequest({ object: Object.create({ spec: spec('a:1') }) }),
    'OBJECT_MALFORMED',
    /\/spec/,
  ],
  [
    'no template',
    podRequest({ ...deploymentRequest(null), object: { spec: {} } }),
    'OBJECT_MALFORMED',
    /\/spec\/template: /,
  ],
  [
    'no spec in the template',
    deploymentRequest(undefined),
    'OBJECT_MALFORMED',
    /^Deployment: \/spec\/template\/spec: /,
  ],
  ['no containers', podSpec({}), 'OBJECT_MALFORMED', /\/spec\/containers: wanted at least one container/],
  ['containers null', podSpec({ containers: null }), 'OBJECT_MALFORMED', /at least one container/],
  ['containers empty', podSpec(spec()), 'OBJECT_MALFORMED', /at least one container/],
  [
    'only init containers',
    podSpec({ initContainers: [app('a:1')] }),
    'OBJECT_MALFORMED',
    /at least one container/,
  ],
  ['no containers in a template', deploymentRequest(spec()), 'OBJECT_MALFORMED', /at least one container/],
  [
    'containers an object',
    podSpec({ containers: { 0: app('a:1'), length: 1 } }),
    'OBJECT_MALFORMED',
    /wanted an array/,
  ],
  [
    'containers a string',
    podSpec({ containers: 'nginx' }),
    'OBJECT_MALFORMED',
    /\/spec\/containers: wanted an array/,
  ],
  [
    'initContainers a number',
    podSpec({ ...spec('a:1'), initContainers: 1 }),
    'OBJECT_MALFORMED',
    /initContainers/,
  ],
  [
    'ephemeralContainers true',
    podSpec({ ...spec('a:1'), ephemeralContainers: true }),
    'OBJECT_MALFORMED',
    /ephemeral/,
  ],
  [
    'volumes an object',
    podSpec({ ...spec('a:1'), volumes: {} }),
    'OBJECT_MALFORMED',
    /\/spec\/volumes: wanted an array/,
  ],
  [
    'a container null',
    podSpec({ containers: [null] }),
    'OBJECT_MALFORMED',
    /\/spec\/containers\/0: wanted an object/,
  ],
  [
    'a container that is a string',
    podSpec({ containers: [app('a:1'), 'b'] }),
    'OBJECT_MALFORMED',
    /containers\/1: /,
  ],
  [
    'a container that is an array',
    podSpec({ containers: [[app('a:1')]] }),
    'OBJECT_MALFORMED',
    /found an array/,
  ],
  [
    'a container name that is a number',
    podSpec({ containers: [{ name: 1, image: 'a' }] }),
    'OBJECT_MALFORMED',
    /0\/name/,
  ],
  [
    'an image that is a number',
    image(1),
    'OBJECT_MALFORMED',
    /containers\/0\/image: wanted a string, found the number 1/,
  ],
  ['an image that is an object', image({ reference: 'a' }), 'OBJECT_MALFORMED', /found an object/],
  ['an image that is an array', image(['a']), 'OBJECT_MALFORMED', /found an array/],
  ['an image that is false', image(false), 'OBJECT_MALFORMED', /found the boolean false/],
  ['a volume null', podSpec({ ...spec('a:1'), volumes: [null] }), 'OBJECT_MALFORMED', /\/spec\/volumes\/0: /],
  [
    'an image volume that is a string',
    podSpec({ ...spec('a:1'), volumes: [app('v:1')] }),
    'OBJECT_MALFORMED',
    /0\/image: /,
  ],
  [
    'a reference that is a number',
    podSpec(volume(1)),
    'OBJECT_MALFORMED',
    /volumes\/0\/image\/reference: wanted a string/,
  ],
  [
    'a malformed update',
    podUpdate(spec('a:1'), { containers: 'a:1' }),
    'OBJECT_MALFORMED',
    /wanted an array/,
  ],
  [
    'too many images',
    podSpec(many(LIMITS.imagesPerReview + 1)),
    'LIMIT_EXCEEDED',
    /1001 images, 1000 is the limit/,
  ],
];

for (const [name, request, code, message] of BAD) {
  test(`${code}: ${name}`, () => {
    assert.throws(() => listImages(request), { code, message });
  });
}

test('250 containers, and as many images as the limit says, are listed', () => {
  assert.equal(listImages(podSpec(many(250))).uses.length, 250);
  assert.equal(listImages(podSpec(many(LIMITS.imagesPerReview))).uses.length, LIMITS.imagesPerReview);
});

test('only what is judged counts against the limit', () => {
  const big = many(LIMITS.imagesPerReview + 1);
  assert.equal(listImages(podUpdate(big, big)).uses.length, 0);
});
