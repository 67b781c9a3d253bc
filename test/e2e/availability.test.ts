// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, succeeded, untilTrue } from './cluster/installation.ts';
import { type Attempt, failures, startLoad } from './cluster/load.ts';
import type { LocalPod } from './cluster/local-pod.ts';
import { pod } from './cluster/objects.ts';

/** `timeoutSeconds` of the validating webhook, and some for everything else. */
const WEBHOOK_TIMEOUT_MS = 10_000 + 1_000;

describe('what must not break it', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  before(async () => {
    here = await startInstallation();
  });
  after(() => here?.stop());

  const ready = () => here.kubelet.pods().filter((one) => one.isReady());
  const bothReady = () => untilTrue('two Pods are ready', async () => ready().length === 2);
  const create = (name: string, image: string, namespace = 'shop') =>
    here.kubectl(['-n', namespace, 'create', '-f', '-'], { as: 'alice', input: pod(name, image) });

  test('one of two processes is killed under load: nothing unsigned gets in, and nothing waits past the timeout', async (t) => {
    const load = startLoad(here);
    await sleep(2000);
    await theOneThatServes(here).kill(3000);
    await sleep(4000);
    await bothReady();
    const attempts = await load.stop();
    report(t, attempts);
    holds(attempts);
    const failed = failures(attempts);
    const known = /failed calling webhook|NOT_PINNED/;
    assert.deepEqual(
      failed.filter((message) => !known.test(message)),
      [],
    );
    assert.ok(failed.length < attempts.length / 20, `${failed.length} of ${attempts.length} failed`);
    assert.deepEqual(failures(attempts.slice(-40)), [], 'in the end none fails');
    await nothingUnsigned(here);
  });

  test('our own rollout under load: no call fails', async (t) => {
    const load = startLoad(here);
    await sleep(500);
    succeeded(await here.kubectl(['-n', 'countersign', 'rollout', 'restart', 'deployment/countersign']));
    const status = ['rollout', 'status', 'deployment/countersign', '--timeout=60s'];
    succeeded(await here.kubectl(['-n', 'countersign', ...status]));
    await sleep(6000); // the old ones drain
    const attempts = await load.stop();
    report(t, attempts);
    holds(attempts);
    assert.deepEqual(failures(attempts), []);
    await nothingUnsigned(here);
  });

  test('the API server goes away and comes back: everything is judged as before', async () => {
    const names = ready().map(({ name }) => name);
    await here.cluster.restartApiServer();
    await untilTrue('it asks us again', async () =>
      (await create('back', here.images.unsigned.reference)).stderr.includes('UNSIGNED'),
    );
    succeeded(await create('back', here.images.web.reference));
    assert.deepEqual(
      ready().map(({ name }) => name),
      names,
      'no process ended',
    );
  });

  test('a changed policy holds without a restart, and a broken one changes nothing', async () => {
    const { unsigned, unsignedToo } = here.images;
    const set = (policy: string) =>
      here.kubectl([
        ...['-n', 'countersign', 'patch', 'configmap', 'countersign-policies'],
        ...['-p', JSON.stringify({ data: { 'acme.yaml': policy } })],
      ]);
    const allowing = here.policy.replace(
      'rules:\n',
      `rules:\n  - { name: old, images: ["${unsigned.reference}"], allow: { reason: "SEC-1", until: never } }\n`,
    );
    const processes = ready().map(({ name }) => name);
    succeeded(await set(allowing));
    await untilTrue('all of them have it', () => haveRead(ready(), 2));
    succeeded(await create('exempt', unsigned.reference));
    assert.match((await create('not-exempt', unsignedToo.reference)).stderr, /UNSIGNED/);

    succeeded(await set('rules: nonsense'));
    const refused = () => ready().every(({ output }) => output().includes('the new policies are broken'));
    await untilTrue('all of them refuse it', async () => refused());
    succeeded(await create('still-exempt', unsigned.reference));

    succeeded(await set(here.policy));
    await untilTrue('it holds again', async () =>
      (await create('exempt-no-more', unsigned.reference)).stderr.includes('UNSIGNED'),
    );
    assert.deepEqual(
      ready().map(({ name }) => name),
      processes,
    );
  });

  describe('with nobody there to ask', () => {
    before(async () => {
      for (const one of here.kubelet.pods()) await one.kill(3_600_000);
    });

    test('nothing enters an enforced namespace, and elsewhere everything goes on', async () => {
      const { web, unsigned } = here.images;
      for (const image of [web, unsigned]) {
        const { exitCode, stderr } = await create('nobody', image.reference);
        assert.notEqual(exitCode, 0);
        assert.match(stderr, /failed calling webhook "enforced.countersign.dev"/);
      }
      for (const namespace of ['dev', 'staging', 'kube-system']) {
        succeeded(
          await here.kubectl(['-n', namespace, 'create', '-f', '-'], {
            input: pod('nobody', unsigned.reference),
          }),
        );
      }
    });

    test('what brings in no image goes on too: labels, scale, deletion', async () => {
      succeeded(await here.kubectl(['-n', 'shop', 'label', 'pod/back', 'team=shop']));
      succeeded(await here.kubectl(['-n', 'shop', 'delete', 'pod/back', '--timeout=30s']));
      succeeded(await here.kubectl(['-n', 'countersign', 'scale', 'deployment/countersign', '--replicas=3']));
    });

    test('our own Pods start, and then all is as before', async () => {
      succeeded(await here.kubectl(['-n', 'countersign', 'delete', 'pods', '--all', '--timeout=60s']));
      const status = ['rollout', 'status', 'deployment/countersign', '--timeout=60s'];
      succeeded(await here.kubectl(['-n', 'countersign', ...status]));
      assert.equal(ready().length, 3);
      succeeded(await create('somebody', here.images.web.reference));
      assert.match((await create('somebody-bad', here.images.unsigned.reference)).stderr, /UNSIGNED/);
    });
  });
});

/** One that the API server is talking to. */
function theOneThatServes({ kubelet }: Installation): LocalPod {
  const serving = kubelet.pods().find(({ output }) => output().includes('"msg":"denied"'));
  assert.ok(serving, 'one of them answers');
  return serving;
}

async function haveRead(pods: readonly LocalPod[], times: number): Promise<boolean> {
  return pods.every(({ output }) => output().split('"msg":"policies loaded"').length > times);
}

function holds(attempts: readonly Attempt[]): void {
  const admitted = attempts.filter((one) => !one.signed && one.admitted);
  assert.deepEqual(admitted, [], 'no unsigned one was admitted');
  const slowest = Math.max(...attempts.map(({ milliseconds }) => milliseconds));
  assert.ok(slowest < WEBHOOK_TIMEOUT_MS, `the slowest took ${slowest} ms`);
}

function report(t: TestContext, attempts: readonly Attempt[]): void {
  const times = attempts.map(({ milliseconds }) => Math.round(milliseconds)).sort((a, b) => a - b);
  const failed = failures(attempts).length;
  t.diagnostic(
    `${attempts.length} creations, ${failed} signed ones failed, median ${times[times.length >> 1]} ms, slowest ${times.at(-1)} ms`,
  );
}

async function nothingUnsigned({ api, images }: Installation): Promise<void> {
  const { body } = await api.ask('GET', '/api/v1/namespaces/shop/pods');
  assert.equal(JSON.stringify(body.items).includes(images.unsigned.repository), false);
}
