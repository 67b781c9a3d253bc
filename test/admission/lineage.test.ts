// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesTemplate, controllerUid, ownUid } from '../../src/admission/index.ts';
import { POD_KINDS } from '../../src/admission/kinds.ts';
import { LIMITS } from '../../src/limits.ts';
import { deployment, deploymentRequest, pod, podRequest } from './requests.ts';

const LONG = 'u'.repeat(LIMITS.reviewUidLength + 1);

function controllerOf(ownerReferences: unknown): string {
  return controllerUid(podRequest({ object: pod({}, { ownerReferences }) }));
}

test('the controller is the one owner reference that says controller: true', () => {
  const other = { kind: 'Other', uid: 'uid-0' };
  assert.equal(controllerOf([other, { uid: 'uid-1', controller: true }]), 'uid-1');
  for (const references of [
    undefined,
    null,
    'uid-1',
    {},
    [],
    [other],
    [{ uid: 'uid-1', controller: 'true' }],
    [{ uid: 'uid-1', controller: false }],
    [{ uid: 7, controller: true }],
    [{ uid: LONG, controller: true }],
    [null, 'x', [{ uid: 'uid-1', controller: true }]],
    [
      { uid: 'uid-1', controller: true },
      { uid: 'uid-2', controller: true },
    ],
    [Object.create({ uid: 'uid-1', controller: true })],
  ]) {
    assert.equal(controllerOf(references), '', JSON.stringify(references));
  }
});

test('the UID of an object that is not stored yet, or has a strange one, is empty', () => {
  assert.equal(ownUid(podRequest({ object: pod({}, { uid: 'uid-1' }) })), 'uid-1');
  for (const metadata of [undefined, null, 'x', {}, { uid: null }, { uid: 7 }, { uid: LONG }]) {
    assert.equal(ownUid(podRequest({ object: pod({}, metadata) })), '');
  }
  assert.equal(ownUid(podRequest({ object: null })), '');
});

test('any change in a template counts, of whatever kind, and nothing beside it', () => {
  for (const { groups, kind, resource, subject, podSpec } of POD_KINDS) {
    if (subject === 'pod') continue;
    const objectWith = (template: unknown, replicas: number) =>
      podSpec.slice(0, -1).reduceRight<unknown>((inner, name) => ({ [name]: inner, replicas }), template);
    const changed = (before: unknown, after: unknown) =>
      changesTemplate(
        podRequest({
          operation: 'UPDATE',
          group: groups[0] ?? '',
          kind,
          resource,
          object: after,
          oldObject: before,
        }),
      );
    const template = { metadata: { labels: { a: '1' } }, spec: { containers: [{ image: 'web:1' }] } };
    assert.equal(changed(objectWith(template, 1), objectWith(structuredClone(template), 3)), false, kind);
    assert.equal(changed(objectWith(template, 1), objectWith({ ...template, metadata: {} }, 1)), true, kind);
    const spec = { containers: [{ image: 'web:1', env: [{ name: 'A' }] }] };
    assert.equal(changed(objectWith(template, 1), objectWith({ ...template, spec }, 1)), true, kind);
  }
});

test('an update that does not say what was before changes the template', () => {
  const spec = { containers: [{ name: 'web', image: 'web:1' }] };
  assert.equal(changesTemplate(deploymentRequest(spec, { oldObject: deployment(spec) })), false);
  for (const oldObject of [undefined, null, {}, 'x']) {
    assert.equal(changesTemplate(deploymentRequest(spec, { oldObject })), true);
  }
});
