// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdmissionRequest, listImages } from '../../src/admission/index.ts';
import { deploymentRequest, pod, podRequest } from './requests.ts';

const NODE = { username: 'system:node:node1', groups: ['system:nodes', 'system:authenticated'] };
const MIRROR = { annotations: { 'kubernetes.io/config.mirror': 'f0e1' } };
const SPEC = { nodeName: 'node1', containers: [{ name: 'app', image: 'nginx:1' }] };

function mirrorRequest(changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return podRequest({ user: NODE, object: pod(SPEC, MIRROR), ...changes });
}

test('a node that mirrors its own static Pod: listed, and marked', () => {
  const { uses, subject, mirror, reason } = listImages(mirrorRequest());
  assert.deepEqual([uses.length, subject, mirror, reason], [1, 'pod', true, 'mirror-pod']);
});

test('an empty image of a mirror Pod is no error', () => {
  const containers = [...SPEC.containers, { name: 'b' }];
  const { uses, mirror } = listImages(mirrorRequest({ object: pod({ ...SPEC, containers }, MIRROR) }));
  assert.deepEqual([uses.length, mirror], [1, true]);
});

const user = (username: string, groups: readonly string[]) => ({ user: { username, groups } });
const object = (spec: object, metadata: unknown) => ({ object: pod({ ...SPEC, ...spec }, metadata) });
const annotation = (value: unknown) => object({}, { annotations: { 'kubernetes.io/config.mirror': value } });

/** Whoever is not a node, or a node that does not mirror its own Pod, is judged like everybody. */
const FORGED: readonly (readonly [name: string, changes: Partial<AdmissionRequest>])[] = [
  ['a user with the annotation', user('alice', ['system:authenticated'])],
  ['a user called like the node, in no group', user('system:node:node1', ['system:authenticated'])],
  ['a user in the group', user('alice', ['system:nodes'])],
  ['a user in a group that looks alike', user('system:node:node1', ['system:nodes:x', 'SYSTEM:NODES'])],
  [
    'a service account',
    user('system:serviceaccount:kube-system:daemon-set-controller', ['system:serviceaccounts']),
  ],
  ['another node', user('system:node:node2', ['system:nodes'])],
  ['a node whose name starts alike', user('system:node:node11', ['system:nodes'])],
  [
    'a node without a name',
    { ...user('system:node:', ['system:nodes']), ...object({ nodeName: '' }, MIRROR) },
  ],
  ['no nodeName', object({ nodeName: undefined }, MIRROR)],
  ['a nodeName that is an array', object({ nodeName: ['node1'] }, MIRROR)],
  ['no metadata', object({}, undefined)],
  ['no annotations', object({}, {})],
  ['annotations that are an array', object({}, { annotations: [['kubernetes.io/config.mirror', 'x']] })],
  ['an empty annotation', annotation('')],
  ['an annotation null', annotation(null)],
  ['an annotation that is no string', annotation(true)],
  ['an inherited annotation', object({}, { annotations: Object.create(MIRROR.annotations) })],
  ['a label instead', object({}, { labels: MIRROR.annotations })],
  ['an update', { operation: 'UPDATE' }],
  ['ephemeral containers', { operation: 'UPDATE', subResource: 'ephemeralcontainers' }],
];

for (const [name, changes] of FORGED) {
  test(`judged: ${name}`, () => {
    const { uses, mirror } = listImages(mirrorRequest(changes));
    assert.deepEqual([uses.length, mirror], [1, false]);
  });
}

test('judged: a Deployment that a node creates', () => {
  const { metadata, ...rest } = { metadata: MIRROR, ...(deploymentRequest(SPEC).object as object) };
  const request = deploymentRequest(SPEC, { user: NODE, object: { ...rest, metadata } });
  assert.equal(listImages(request).mirror, false);
});

test('a mirror Pod that cannot be read is an error like any', () => {
  const request = mirrorRequest({ object: pod({ ...SPEC, containers: 7 }, MIRROR) });
  assert.throws(() => listImages(request), { code: 'OBJECT_MALFORMED' });
});
