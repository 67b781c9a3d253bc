// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Api, ApiObject } from './cluster/api.ts';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import {
  type Images,
  type Installation,
  startInstallation,
  succeeded,
  untilTrue,
} from './cluster/installation.ts';
import { job, pod, podsOf, workload } from './cluster/objects.ts';

const FINALIZER = 'example.dev/hold';

describe('objects older than the policy, with the registry down', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  before(async () => {
    here = await startInstallation({ before: createUnsigned });
    await here.registry.stop();
  });
  after(() => here?.stop());

  const kubectl = (...args: string[]) => here.kubectl(['-n', 'legacy', ...args], { as: 'alice' });
  const runningPods = () => podsOf(here.api, 'legacy', 'old');

  test('labels and annotations change', async () => {
    for (const object of ['deployment/old', 'pod/held', 'statefulset/old-set', 'job/old-job']) {
      succeeded(await kubectl('label', object, 'team=shop'));
      succeeded(await kubectl('annotate', object, 'example.dev/note=kept'));
    }
    succeeded(await kubectl('patch', 'deployment/old', '-p', '{"spec":{"paused":true}}'));
    succeeded(await kubectl('patch', 'deployment/old', '-p', '{"spec":{"paused":false}}'));
  });

  test('they are scaled down', async () => {
    succeeded(await kubectl('scale', 'deployment/old', '--replicas=1'));
    await untilTrue('one Pod is left', async () => (await runningPods()).length === 1);
  });

  test('a restart of the Deployment is taken; the new Pods are not made, and the old ones stay', async () => {
    const [before] = await runningPods();
    succeeded(await kubectl('rollout', 'restart', 'deployment/old'));
    const failed = ({ type, status, message }: ApiObject) =>
      type === 'Progressing' && status === 'False' && /countersign/.test(message);
    await untilTrue('the Deployment says why', async () => {
      const { body } = await here.api.ask('GET', '/apis/apps/v1/namespaces/legacy/deployments/old');
      return body.status.conditions?.some(failed) === true;
    });
    assert.deepEqual(
      (await runningPods()).map(({ metadata }) => metadata.name),
      [before?.metadata.name],
    );
  });

  test('a new image is denied, because nobody can say anything about it', async () => {
    const { stderr } = await kubectl(
      'set',
      'image',
      'deployment/old',
      `main=${here.images.webNext.reference}`,
    );
    assert.match(stderr, /denied the request: countersign: .*\[REGISTRY_UNREACHABLE/);
  });

  test('finalizers come and go, and what waits for them goes then', async () => {
    succeeded(await kubectl('delete', 'pod/held', '--wait=false'));
    const { body } = await here.api.ask('GET', '/api/v1/namespaces/legacy/pods/held');
    assert.deepEqual(body.metadata.finalizers, [FINALIZER]);
    succeeded(await kubectl('patch', 'pod/held', '-p', '{"metadata":{"finalizers":null}}'));
    await untilTrue('the Pod is gone', async () => (await podStatus(here.api, 'held')) === 404);
  });

  test('deleting one takes its Pods along, and in the foreground too', async () => {
    succeeded(await kubectl('delete', 'deployment/old', '--cascade=foreground', '--timeout=30s'));
    assert.deepEqual(await runningPods(), []);
    succeeded(await kubectl('delete', 'statefulset/old-set', '--timeout=30s'));
  });

  test('the namespace is deleted with all that is left in it', async () => {
    const { body } = await here.api.ask('GET', '/api/v1/namespaces/legacy/pods');
    assert.ok(body.items.length > 0, 'something is left');
    succeeded(await here.kubectl(['delete', 'namespace', 'legacy', '--timeout=60s']));
  });
});

async function podStatus(api: Api, name: string): Promise<number> {
  return (await api.ask('GET', `/api/v1/namespaces/legacy/pods/${name}`)).status;
}

/** What is there before the chart is: all of it unsigned. */
async function createUnsigned(api: Api, { unsigned: { reference } }: Images): Promise<void> {
  for (const [path, object] of [
    ['apis/apps/v1', workload('Deployment', 'old', reference, 2)],
    ['apis/apps/v1', workload('StatefulSet', 'old-set', reference, 1)],
    ['apis/batch/v1', job('old-job', reference)],
    ['api/v1', pod('held', reference, { metadata: { finalizers: [FINALIZER] } })],
    ['api/v1', pod('left', reference)],
  ] as const) {
    const { status, body } = await api.ask(
      'POST',
      `/${path}/namespaces/legacy/${object.kind.toLowerCase()}s`,
      object,
    );
    assert.equal(status, 201, body.message);
  }
  const ready = async () => (await api.ask('GET', '/apis/apps/v1/namespaces/legacy/deployments/old')).body;
  await untilTrue('the old Deployment runs', async () => (await ready()).status.readyReplicas === 2);
}
