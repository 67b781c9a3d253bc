// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { startTestRegistry } from '../../src/testing/index.ts';
import { post, probe, reviewOf } from '../support/admission-server.ts';
import { assertAllowed, assertDenied } from '../support/bad-images.ts';
import { chunked, openTls, sendRaw } from '../support/raw-http.ts';
import { podReview } from '../support/reviews.ts';
import { named, startWholeServer, verdictOf, type WholeServer } from '../support/whole-server.ts';

const MiB = 1024 * 1024;
const UID = 'the-uid';
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A review as text, with some of it replaced. */
const review = (top: object, request: object = {}) =>
  JSON.stringify({ ...(reviewOf({ uid: UID, ...request }) as object), ...top });

const NINE_MIB = review({ padding: 'x'.repeat(9 * MiB) });

/** Body → HTTP status; no uid could be read, so there is nothing to allow or deny. */
const REFUSED: readonly (readonly [name: string, body: string | Uint8Array, status: number])[] = [
  ['empty', '', 400],
  ['null', 'null', 400],
  ['a number', '1', 400],
  ['a list', '[]', 400],
  ['an empty object', '{}', 400],
  ['cut off', review({}).slice(0, -1), 400],
  ['not JSON', '<AdmissionReview/>', 400],
  ['not UTF-8', Buffer.of(0xff, 0xfe, 0x00), 400],
  ['nested a million deep', '['.repeat(1_000_000), 413],
  [
    'wrong version, without a request',
    review({ apiVersion: 'admission.k8s.io/v1beta1', request: null }),
    400,
  ],
  ['without a request', review({ request: undefined }), 400],
  ['without a uid', review({}, { uid: undefined }), 400],
  ['a uid that is a number', review({}, { uid: 7 }), 400],
  ['a uid that is too long', review({}, { uid: 'u'.repeat(LIMITS.reviewUidLength + 1) }), 400],
  ['9 MiB', NINE_MIB, 413],
];

/** Request with a readable uid → a denial that echoes it, with the code of the audit annotation. */
const DENIED: readonly (readonly [name: string, body: string, code: string])[] = [
  ['wrong version', review({ apiVersion: 'admission.k8s.io/v1beta1' }), 'REVIEW_MALFORMED'],
  ['wrong kind', review({ kind: 'ConversionReview' }), 'REVIEW_MALFORMED'],
  ['an operation that there is not', review({}, { operation: 'create' }), 'REVIEW_MALFORMED'],
  ['without an operation', review({}, { operation: undefined }), 'REVIEW_MALFORMED'],
  ['a kind that is text', review({}, { kind: 'Pod' }), 'REVIEW_MALFORMED'],
];

/** Objects that cannot be listed: judged by /validate, and let through by /mutate for it. */
const UNLISTED: readonly (readonly [name: string, object: unknown, code: string])[] = [
  ['no object', null, 'OBJECT_MALFORMED'],
  ['an object that is text', 'Pod', 'OBJECT_MALFORMED'],
  ['a Pod without a spec', {}, 'OBJECT_MALFORMED'],
  ['an empty Pod', { spec: { containers: [] } }, 'OBJECT_MALFORMED'],
  ['a Pod whose containers are an object', { spec: { containers: { image: 'a' } } }, 'OBJECT_MALFORMED'],
  ['a container that is null', { spec: { containers: [null] } }, 'OBJECT_MALFORMED'],
  ['a container without an image', { spec: { containers: [{ name: 'a' }] } }, 'IMAGE_EMPTY'],
  ['an image that is a list', { spec: { containers: [{ image: ['a'] }] } }, 'OBJECT_MALFORMED'],
  ['an init container without an image', initContainer(''), 'IMAGE_EMPTY'],
  ['1,001 containers', { spec: { containers: containers(1001) } }, 'LIMIT_EXCEEDED'],
];

function containers(count: number) {
  return Array.from({ length: count }, (_, index) => ({ name: `c${index}`, image: `a/i${index}@${DIGEST}` }));
}

function initContainer(image: string) {
  return { spec: { initContainers: [{ name: 'i', image }], containers: [{ name: 'c', image: 'a' }] } };
}

/** It has not crashed: it answers probes, and a good review. */
async function assertStillServes(server: WholeServer): Promise<void> {
  assert.equal((await probe(server, '/healthz')).status, 200);
  const answer = await server.ask(review({}, { operation: 'DELETE' }));
  assert.deepEqual([answer.uid, answer.allowed], [UID, true]);
}

for (const door of ['/validate', '/mutate'] as const) {
  test(`${door}: reviews without a readable uid are refused with 400 or 413, 0 registry requests`, async (t) => {
    const server = await startWholeServer(t, { registries: {} });
    for (const [name, body, status] of REFUSED) {
      const answer = verdictOf(await post(server, body, { path: door }));
      assert.deepEqual([answer.status, answer.allowed], [status, undefined], name);
    }
    assert.equal(await server.sent(), 0);
    await assertStillServes(server);
  });

  test(`${door}: reviews with a readable uid are denied under that uid, 0 registry requests`, async (t) => {
    const server = await startWholeServer(t, { registries: {} });
    for (const [name, body, code] of DENIED) {
      const answer = await server.ask(body, { door });
      const { status, uid, allowed } = answer;
      assert.deepEqual([status, uid, allowed, answer.code], [200, UID, false, code], name);
    }
    assert.equal(await server.sent(), 0);
    await assertStillServes(server);
  });
}

test('9 MiB whose length no header says are 413, and half a body is nothing', async (t) => {
  const server = await startWholeServer(t, { registries: {} });
  const raw = await sendRaw(server, chunked(NINE_MIB));
  assert.deepEqual([raw.status, raw.closed], [413, true]);
  const socket = await openTls(server);
  const half = review({}).slice(0, 100);
  socket.write(`POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n${half}`);
  socket.destroy();
  assert.equal(await server.sent(), 0);
  await assertStillServes(server);
});

test('objects whose images cannot be listed are denied by /validate and unpatched by /mutate, 0 registry requests', async (t) => {
  const server = await startWholeServer(t, { registries: {} });
  for (const [name, object, code] of UNLISTED) {
    const body = review({}, { object });
    const answer = await server.ask(body);
    assert.deepEqual([answer.uid, answer.allowed, answer.code], [UID, false, code], name);
    const mutated = await server.ask(body, { door: '/mutate' });
    assert.deepEqual([mutated.uid, mutated.allowed, mutated.patch], [UID, true, undefined], name);
  }
  assert.equal(await server.sent(), 0);
  await assertStillServes(server);
});

test('an unknown kind is allowed, because what holds no Pod is not for us to judge, and counted; 0 registry requests', async (t) => {
  const server = await startWholeServer(t, { registries: {} });
  const group = 'acme.example';
  const widget = {
    kind: { group, version: 'v1', kind: 'Widget' },
    resource: { group, version: 'v1', resource: 'widgets' },
  };
  const object = { apiVersion: `${group}/v1`, kind: 'Widget', spec: { containers: [{ image: 'a' }] } };
  const answer = await server.ask(review({}, { ...widget, object }));
  assert.deepEqual([answer.uid, answer.allowed], [UID, true]);
  // A Pod that calls itself a Widget is not unknown.
  const pod = { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ image: '' }] } };
  const disguised = await server.ask(review({}, { ...widget, object: pod }));
  assert.deepEqual([disguised.allowed, disguised.code], [false, 'IMAGE_EMPTY']);
  assert.equal(await server.count('countersign_unknown_kinds_total'), 1);
  assert.equal(await server.sent(), 0);
});

test('a Pod of 250 containers: each is judged, one unsigned among them denies it all', async (t) => {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  const rules = `  - { name: old, images: ["${registry.host}/old/*"], allow: { reason: test, until: never } }
  - { name: all, images: ["**"], require: release }`;
  const server = await startWholeServer(t, { registries: named(registry), rules });
  const old = Array.from({ length: 249 }, (_, index) => `${registry.host}/old/web${index}:1`);
  await assertAllowed(server, [...old, `${registry.host}/old/web249:1`], 'EXEMPT');
  assert.equal(await server.sent(), 0);
  await assertDenied(server, [...old, registry.pushImage('new/web').pinned], 'UNSIGNED');
  assert.equal(await server.sent(), 2);
  const all = Array.from({ length: 250 }, (_, index) => registry.pushImage('acme/web', { tag: `t${index}` }));
  await assertDenied(
    server,
    all.map(({ pinned }) => pinned),
    'UNSIGNED',
  );
  assert.equal(registry.requests.length, 2 + 2 * 250);
});

test('invalid references are denied with a code, 0 registry requests', async (t) => {
  const server = await startWholeServer(t, { registries: {} });
  for (const [image, code] of [
    ['UPPER/case:1', 'REFERENCE_INVALID'],
    ['reg.example/a b:1', 'REFERENCE_INVALID'],
    ['reg.example//web:1', 'REFERENCE_INVALID'],
    ['reg.example/../web:1', 'REFERENCE_INVALID'],
    ['https://reg.example/web:1', 'REFERENCE_INVALID'],
    ['user:word@reg.example/web:1', 'DIGEST_INVALID'],
    ['reg.example/web:', 'REFERENCE_INVALID'],
    [`reg.example/web:${'t'.repeat(129)}`, 'REFERENCE_INVALID'],
    [`${'a/'.repeat(600)}web`, 'REFERENCE_INVALID'],
    ['a'.repeat(64), 'REFERENCE_INVALID'],
    ['reg.example/web\u0000:1', 'REFERENCE_INVALID'],
    ['reg.example/we\u200bb:1', 'REFERENCE_INVALID'],
    ['reg.example/web@sha256:abc', 'DIGEST_INVALID'],
    [`reg.example/web@${DIGEST.toUpperCase()}`, 'DIGEST_INVALID'],
    [`reg.example/web@md5:${'a'.repeat(32)}`, 'DIGEST_INVALID'],
    [`reg.example/web@${DIGEST}@${DIGEST}`, 'DIGEST_INVALID'],
  ] as const) {
    await assertDenied(server, [image], code);
    const mutated = await server.ask(podReview([image], { uid: UID }), { door: '/mutate' });
    assert.deepEqual([mutated.uid, mutated.allowed, mutated.patch], [UID, true, undefined], image);
  }
  assert.equal(await server.sent(), 0);
});
