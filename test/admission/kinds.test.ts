// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdmissionRequest, listImages, POD_KINDS } from '../../src/admission/index.ts';
import { podRequest } from './requests.ts';

const SPEC = { containers: [{ name: 'app', image: 'nginx:1' }] };
const TEMPLATE = { spec: { template: { spec: SPEC } } };
const CRON = { spec: { jobTemplate: { spec: { template: { spec: SPEC } } } } };

/** Group, version, kind, resource, an object, and the path of its image. */
const KNOWN: readonly (readonly [string, string, string, string, object, string])[] = [
  ['', 'v1', 'Pod', 'pods', { spec: SPEC }, '/spec/containers/0/image'],
  [
    '',
    'v1',
    'PodTemplate',
    'podtemplates',
    { template: { spec: SPEC } },
    '/template/spec/containers/0/image',
  ],
  [
    '',
    'v1',
    'ReplicationController',
    'replicationcontrollers',
    TEMPLATE,
    '/spec/template/spec/containers/0/image',
  ],
  ['apps', 'v1', 'Deployment', 'deployments', TEMPLATE, '/spec/template/spec/containers/0/image'],
  ['apps', 'v1beta2', 'Deployment', 'deployments', TEMPLATE, '/spec/template/spec/containers/0/image'],
  ['extensions', 'v1beta1', 'Deployment', 'deployments', TEMPLATE, '/spec/template/spec/containers/0/image'],
  ['apps', 'v1', 'ReplicaSet', 'replicasets', TEMPLATE, '/spec/template/spec/containers/0/image'],
  ['apps', 'v1', 'StatefulSet', 'statefulsets', TEMPLATE, '/spec/template/spec/containers/0/image'],
  ['apps', 'v1', 'DaemonSet', 'daemonsets', TEMPLATE, '/spec/template/spec/containers/0/image'],
  ['batch', 'v1', 'Job', 'jobs', TEMPLATE, '/spec/template/spec/containers/0/image'],
  ['batch', 'v1', 'CronJob', 'cronjobs', CRON, '/spec/jobTemplate/spec/template/spec/containers/0/image'],
  [
    'batch',
    'v1beta1',
    'CronJob',
    'cronjobs',
    CRON,
    '/spec/jobTemplate/spec/template/spec/containers/0/image',
  ],
];

function requestOf(
  group: string,
  version: string,
  kind: string,
  resource: string,
  object: unknown,
): AdmissionRequest {
  return podRequest({ group, version, kind, resource, resourceGroup: group, object });
}

for (const [group, version, kind, resource, object, path] of KNOWN) {
  test(`${group}/${version} ${kind}: its image is at ${path}`, () => {
    const { uses, subject, mirror } = listImages(requestOf(group, version, kind, resource, object));
    assert.deepEqual(uses, [{ image: 'nginx:1', container: 'app', kind: 'container', path }]);
    assert.equal(subject, kind === 'Pod' ? 'pod' : 'template');
    assert.equal(mirror, false);
  });
}

test('every row of the table is tested', () => {
  const tested = new Set(KNOWN.map(([, , kind]) => kind));
  assert.deepEqual(
    POD_KINDS.map((row) => row.kind).filter((kind) => !tested.has(kind)),
    [],
  );
});

/** Group, kind, resource of what holds no pod spec, some of them looking as if. */
const UNKNOWN: readonly (readonly [string, string, string])[] = [
  ['', 'ConfigMap', 'configmaps'],
  ['', 'List', 'lists'],
  ['', 'Service', 'services'],
  ['batch.volcano.sh', 'Job', 'jobs'],
  ['metrics.k8s.io', 'PodMetrics', 'pods'],
  ['argoproj.io', 'Rollout', 'rollouts'],
  ['', 'Deployment', 'deployments'],
  ['apps', 'Pod', 'pods'],
  ['', 'pod', 'Pods'],
  ['', '__proto__', 'constructor'],
];

for (const [group, kind, resource] of UNKNOWN) {
  test(`${group}/${kind} is unknown`, () => {
    const listing = listImages(requestOf(group, 'v1', kind, resource, { spec: SPEC }));
    assert.deepEqual(listing, { uses: [], subject: 'none', mirror: false, reason: 'unknown-kind' });
  });
}

const POD = { apiVersion: 'v1', kind: 'Pod', spec: SPEC };

/** A request in which kind, resource and object do not say the same: never a way around. */
const CONTRADICTIONS: readonly (readonly [name: string, request: AdmissionRequest, judged: boolean])[] = [
  ['the object has no kind', podRequest({ object: { spec: SPEC } }), true],
  ['the object calls itself a ConfigMap', podRequest({ object: { ...POD, kind: 'ConfigMap' } }), true],
  ['only the kind says Pod', podRequest({ resource: 'configmaps', object: { spec: SPEC } }), true],
  ['only the resource says pods', podRequest({ kind: 'ConfigMap', object: { spec: SPEC } }), true],
  ['only the object says Pod', podRequest({ kind: 'ConfigMap', resource: 'configmaps', object: POD }), true],
  [
    'only the object says Deployment',
    podRequest({
      kind: 'X',
      resource: 'x',
      object: { ...TEMPLATE, apiVersion: 'apps/v1', kind: 'Deployment' },
    }),
    true,
  ],
  [
    'the kind says Pod, the resource deployments',
    podRequest({ resource: 'deployments', resourceGroup: 'apps' }),
    false,
  ],
  ['the kind says Job, the object Pod', requestOf('batch', 'v1', 'Job', 'jobs', POD), false],
];

for (const [name, request, isJudged] of CONTRADICTIONS) {
  test(`${name}: ${isJudged ? 'judged' : 'malformed'}`, () => {
    if (isJudged) assert.equal(listImages(request).uses[0]?.image, 'nginx:1');
    else assert.throws(() => listImages(request), { code: 'OBJECT_MALFORMED' });
  });
}
