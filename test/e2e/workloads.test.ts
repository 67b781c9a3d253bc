// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, succeeded, untilTrue } from './cluster/installation.ts';
import { cronJob, imagesOf, job, pod, podsOf, workload } from './cluster/objects.ts';

describe('workloads', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  before(async () => {
    here = await startInstallation();
  });
  after(() => here?.stop());

  const inShop = (...args: string[]) => here.kubectl(['-n', 'shop', ...args], { as: 'alice' });
  const apply = (object: object, namespace = 'shop') =>
    here.kubectl(['-n', namespace, 'apply', '-f', '-'], { as: 'alice', input: object });
  const rolledOut = async (what: string) =>
    succeeded(await inShop('rollout', 'status', what, '--timeout=60s'));
  const pinned = (image: { reference: string; digest: string }) => `${image.reference}@${image.digest}`;

  test('a signed Deployment rolls out, its Pods pinned and its template as it was written', async () => {
    const { web } = here.images;
    const { stderr } = succeeded(await apply(workload('Deployment', 'web', web.reference, 3)));
    assert.equal(stderr, '');
    await rolledOut('deployment/web');
    assert.deepEqual(await imagesOf(here.api, 'shop', 'web'), [pinned(web)]);
    for (const path of ['deployments', 'replicasets']) {
      const { body } = await here.api.ask('GET', `/apis/apps/v1/namespaces/shop/${path}?labelSelector=`);
      const images = body.items.map(
        (item: { spec: { template: { spec: { containers: { image: string }[] } } } }) =>
          item.spec.template.spec.containers.map(({ image }) => image),
      );
      assert.deepEqual(images, [[web.reference]], path);
    }
  });

  test('an unsigned image is denied, and kubectl says why and what to do', async () => {
    const { unsigned } = here.images;
    for (const object of [
      workload('Deployment', 'bad', unsigned.reference),
      pod('bad', unsigned.reference),
    ]) {
      const { exitCode, stderr } = await apply(object);
      assert.notEqual(exitCode, 0);
      assert.match(stderr, /denied the request: countersign: container main, /);
      assert.ok(
        stderr.includes(`${unsigned.reference} (${unsigned.digest})`) || stderr.includes(pinned(unsigned)),
      );
      assert.match(stderr, /\[UNSIGNED, rule acme of policy acme\]; hint: sign it: cosign sign/);
    }
    const { status } = await here.api.ask('GET', '/apis/apps/v1/namespaces/shop/deployments/bad');
    assert.equal(status, 404);
  });

  test('where the mode is warn, an unsigned image is admitted and kubectl shows a warning', async () => {
    const { stderr } = succeeded(await apply(pod('warned', here.images.unsigned.reference), 'staging'));
    assert.match(stderr, /^Warning: countersign: would be denied: UNSIGNED: container main: /);
    const { body } = await here.api.ask('GET', '/api/v1/namespaces/staging/pods/warned');
    assert.equal(body.spec.containers[0].image, pinned(here.images.unsigned));
  });

  test('where the mode is audit, it is admitted as it is, and logged by us and by the API server', async () => {
    const { unsigned } = here.images;
    const { stderr } = succeeded(await apply(pod('audited', unsigned.reference), 'dev'));
    assert.equal(stderr, '');
    const { body } = await here.api.ask('GET', '/api/v1/namespaces/dev/pods/audited');
    assert.equal(body.spec.containers[0].image, unsigned.reference);
    const line = await logLine(here, '"name":"audited"');
    assert.deepEqual([line.allowed, line.code, line.user], [true, 'UNSIGNED', 'alice']);
    await untilTrue('the event is in the audit log', async () => auditOf(here, 'audited') !== undefined);
    const annotations = Object.entries(auditOf(here, 'audited')?.annotations ?? {});
    const ours = annotations
      .filter(([key]) => key.includes('countersign'))
      .map(([key, value]) => [key.split('/')[1], value]);
    assert.deepEqual(Object.fromEntries(ours), { verdict: 'rejected', code: 'UNSIGNED', rule: 'acme' });
  });

  test('a new image rolls out, an unsigned one does not and disturbs nothing, and a rollback is judged like any other', async () => {
    const { web, webNext, unsigned } = here.images;
    succeeded(await inShop('set', 'image', 'deployment/web', `main=${webNext.reference}`));
    await rolledOut('deployment/web');
    assert.deepEqual(await imagesOf(here.api, 'shop', 'web'), [pinned(webNext)]);
    const denied = await inShop('set', 'image', 'deployment/web', `main=${unsigned.reference}`);
    assert.match(denied.stderr, /UNSIGNED/);
    assert.deepEqual(await imagesOf(here.api, 'shop', 'web'), [pinned(webNext)]);
    succeeded(await inShop('rollout', 'undo', 'deployment/web'));
    await rolledOut('deployment/web');
    assert.deepEqual(await imagesOf(here.api, 'shop', 'web'), [pinned(web)]);
  });

  test('a Deployment is scaled up and down', async () => {
    for (const replicas of [5, 1]) {
      succeeded(await inShop('scale', 'deployment/web', `--replicas=${replicas}`));
      await rolledOut('deployment/web');
      await untilTrue(
        `${replicas} Pods`,
        async () => (await podsOf(here.api, 'shop', 'web')).length === replicas,
      );
    }
    assert.deepEqual(await imagesOf(here.api, 'shop', 'web'), [pinned(here.images.web)]);
  });

  for (const kind of ['StatefulSet', 'DaemonSet'] as const) {
    test(`a ${kind} rolls out; unsigned it is denied`, async () => {
      const { web, unsigned } = here.images;
      const name = kind.toLowerCase();
      succeeded(await apply(workload(kind, name, web.reference)));
      await rolledOut(`${name}/${name}`);
      assert.deepEqual(await imagesOf(here.api, 'shop', name), [pinned(web)]);
      const denied = await apply(workload(kind, `${name}-bad`, unsigned.reference));
      assert.match(denied.stderr, /denied the request: countersign: .*UNSIGNED/);
    });
  }

  test('a Job completes, and a CronJob makes such Jobs; unsigned both are denied', async () => {
    const { tool, unsigned } = here.images;
    succeeded(await apply(job('once', tool.reference)));
    succeeded(await inShop('wait', '--for=condition=complete', 'job/once', '--timeout=60s'));
    succeeded(await apply(cronJob('nightly', tool.reference)));
    succeeded(await inShop('create', 'job', 'now', '--from=cronjob/nightly'));
    succeeded(await inShop('wait', '--for=condition=complete', 'job/now', '--timeout=60s'));
    for (const app of ['once', 'nightly']) {
      assert.deepEqual(await imagesOf(here.api, 'shop', app), [pinned(tool)]);
    }
    for (const object of [job('bad', unsigned.reference), cronJob('bad', unsigned.reference)]) {
      assert.match((await apply(object)).stderr, /denied the request: countersign: .*UNSIGNED/);
    }
  });

  test('kubectl debug brings in a signed tool, pinned, and no unsigned one', async () => {
    const { web, tool, unsigned } = here.images;
    succeeded(await apply(pod('target', web.reference)));
    const debug = (image: string) => inShop('debug', 'target', '--image', image, '--profile=general', '-q');
    succeeded(await debug(tool.reference));
    assert.match((await debug(unsigned.reference)).stderr, /ephemeral container .*UNSIGNED/);
    const { body } = await here.api.ask('GET', '/api/v1/namespaces/shop/pods/target');
    assert.deepEqual(
      body.spec.ephemeralContainers.map(({ image }: { image: string }) => image),
      [pinned(tool)],
    );
  });

  test('an image volume is judged and pinned as containers are', async () => {
    const { web, data, unsigned } = here.images;
    const withVolume = (name: string, reference: string) =>
      pod(name, web.reference, {
        spec: {
          containers: [{ name: 'main', image: web.reference }],
          volumes: [{ name: 'data', image: { reference } }],
        },
      });
    succeeded(await apply(withVolume('volume', data.reference)));
    const { body } = await here.api.ask('GET', '/api/v1/namespaces/shop/pods/volume');
    const volume = body.spec.volumes.find(({ name }: { name: string }) => name === 'data');
    assert.equal(volume.image.reference, pinned(data));
    assert.match(
      (await apply(withVolume('volume-bad', unsigned.reference))).stderr,
      /image volume data.*UNSIGNED/,
    );
  });

  test('a dry run says what would be, and stores nothing', async () => {
    const { web, unsigned } = here.images;
    const dry = (object: object) =>
      here.kubectl(['-n', 'shop', 'create', '--dry-run=server', '-o', 'yaml', '-f', '-'], {
        as: 'alice',
        input: object,
      });
    assert.ok(succeeded(await dry(pod('dry', web.reference))).stdout.includes(`image: ${pinned(web)}`));
    assert.match((await dry(pod('dry', unsigned.reference))).stderr, /UNSIGNED/);
    assert.equal((await here.api.ask('GET', '/api/v1/namespaces/shop/pods/dry')).status, 404);
  });

  test('applying the same Pod and Deployment again changes nothing, by client and by server', async () => {
    const { web } = here.images;
    for (const how of [[], ['--server-side']]) {
      const name = `again${how.length}`;
      for (const object of [pod(name, web.reference), workload('Deployment', name, web.reference, 1)]) {
        const again = () =>
          here.kubectl(['-n', 'shop', 'apply', ...how, '-f', '-'], { as: 'alice', input: object });
        succeeded(await again());
        await untilTrue(
          'it runs',
          async () => (await podsOf(here.api, 'shop', name)).length === 1 || object.kind === 'Pod',
        );
        const path = `/${object.apiVersion === 'v1' ? 'api/v1' : 'apis/apps/v1'}/namespaces/shop/${object.kind.toLowerCase()}s/${name}`;
        const generation = async () => (await here.api.ask('GET', path)).body.metadata.generation;
        const before = await generation();
        const { stderr } = succeeded(await again());
        assert.equal(stderr, '');
        assert.equal(await generation(), before);
      }
    }
  });

  test('a server-side apply of an unsigned image is denied, whoever else owns the field', async () => {
    const { unsigned } = here.images;
    const apply = (...more: string[]) =>
      here.kubectl(['-n', 'shop', 'apply', '--server-side', ...more, '-f', '-'], {
        as: 'alice',
        input: workload('Deployment', 'again1', unsigned.reference, 1),
      });
    assert.match((await apply('--force-conflicts', '--field-manager=other')).stderr, /UNSIGNED/);
  });
});

/** The event of the API server's audit log for a Pod. */
function auditOf({ cluster }: Installation, name: string): { readonly annotations?: object } | undefined {
  const lines = readFileSync(cluster.auditLog, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'));
  const events = lines.map((line) => JSON.parse(line));
  return events.find(({ objectRef }) => objectRef?.resource === 'pods' && objectRef.name === name);
}

/** The first line of our own log that has this text, once it is written. */
// biome-ignore lint/suspicious/noExplicitAny: a line of JSON whose fields the assertions name
async function logLine({ kubelet }: Installation, part: string): Promise<any> {
  const find = () =>
    kubelet
      .pods()
      .flatMap(({ output }) => output().split('\n'))
      .find((line) => line.includes(part));
  await untilTrue(`a line of the log with ${part}`, async () => find() !== undefined);
  return JSON.parse(find() ?? '');
}
