// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChildren, type TagAnswer } from '../../src/discover/index.ts';
import { digestOf } from '../../src/image/digest.ts';
import { LIMITS } from '../../src/limits.ts';

const OWNER = { namespace: 'shop', uid: 'uid-1' };
const DIGEST = digestOf(Buffer.from('image'));
const answers = (at = performance.now()) =>
  new Map<string, TagAnswer>([['reg.example/web:1', { digest: DIGEST, at }]]);

test('what a template left is recalled under its own namespace, UID and tag only', () => {
  const children = createChildren([]);
  children.replace(OWNER, answers());
  assert.equal(children.recall(OWNER, 'reg.example/web:1')?.digest, DIGEST);
  assert.equal(children.has(OWNER), true);
  assert.equal(children.recall(OWNER, 'reg.example/web:2'), undefined);
  assert.equal(children.recall({ ...OWNER, namespace: 'other' }, 'reg.example/web:1'), undefined);
  assert.equal(children.recall({ ...OWNER, uid: 'uid-2' }, 'reg.example/web:1'), undefined);
  children.forget(OWNER);
  assert.equal(children.recall(OWNER, 'reg.example/web:1'), undefined);
});

test('an answer is believed for an hour from when the registry gave it', (t) => {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  const children = createChildren([]);
  children.replace(OWNER, answers());
  now += LIMITS.childFactMs - 1;
  assert.ok(children.recall(OWNER, 'reg.example/web:1'));
  now += 1;
  assert.equal(children.recall(OWNER, 'reg.example/web:1'), undefined);
});

test('nothing is left under an empty UID, and what is left takes the place of what was there', () => {
  const children = createChildren([]);
  children.replace({ ...OWNER, uid: '' }, answers());
  assert.equal(children.has({ ...OWNER, uid: '' }), false);
  children.replace(OWNER, answers());
  children.replace(OWNER, new Map([['reg.example/api:1', { digest: DIGEST, at: performance.now() }]]));
  assert.equal(children.recall(OWNER, 'reg.example/web:1'), undefined);
});

test('a template that leaves nothing leaves nothing of before either', () => {
  const children = createChildren([]);
  children.replace(OWNER, answers());
  children.replace(OWNER, new Map());
  assert.equal(children.has(OWNER), false);
});

test('it is bounded: the owner that was not used for longest goes', () => {
  const children = createChildren([]);
  for (let index = 0; index <= LIMITS.childOwners; index += 1) {
    children.replace({ ...OWNER, uid: `uid-${index}` }, answers());
  }
  assert.equal(children.has({ ...OWNER, uid: 'uid-0' }), false);
  assert.equal(children.has({ ...OWNER, uid: `uid-${LIMITS.childOwners}` }), true);
});

test('a controller is who is named, exactly', () => {
  const children = createChildren(['system:serviceaccount:kube-system:job-controller']);
  assert.equal(children.isController('system:serviceaccount:kube-system:job-controller'), true);
  for (const name of ['', 'job-controller', 'system:serviceaccount:evil:job-controller']) {
    assert.equal(children.isController(name), false);
  }
});
