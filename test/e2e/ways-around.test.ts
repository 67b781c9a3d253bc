// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApiObject } from './cluster/api.ts';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, succeeded, untilTrue } from './cluster/installation.ts';
import { imagesOf, ownedPod, pod, workload } from './cluster/objects.ts';
import { type SidecarInjector, startSidecarInjector } from './cluster/sidecar-injector.ts';

describe('ways around', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  let injector: SidecarInjector;
  before(async () => {
    here = await startInstallation();
    injector = await startSidecarInjector();
    succeeded(await here.kubectl(['apply', '-f', '-'], { input: injector.configuration }));
  });
  after(async () => {
    await here?.stop();
    await injector?.stop();
  });

  const create = (object: object, namespace = 'shop', as: 'alice' | 'admin' = 'alice') =>
    here.kubectl(['-n', namespace, 'create', '-f', '-'], { as, input: object });
  const pinned = (image: { reference: string; digest: string }) => `${image.reference}@${image.digest}`;

  describe('a sidecar that a webhook after ours brings in', () => {
    const injected = (name: string, sidecar: string) =>
      pod(name, here.images.web.reference, {
        metadata: { labels: { app: name, inject: 'yes' }, annotations: { sidecar } },
      });

    test('is pinned like the rest: our webhook is asked again', async () => {
      const { web, sidecar } = here.images;
      await untilTrue('the injector is asked', async () => {
        const { stdout } = await here.kubectl(
          ['-n', 'shop', 'create', '--dry-run=server', '-o', 'yaml', '-f', '-'],
          {
            input: injected('probe', sidecar.reference),
          },
        );
        return stdout.includes('sidecar:');
      });
      succeeded(await create(injected('mesh', sidecar.reference)));
      assert.deepEqual(await imagesOf(here.api, 'shop', 'mesh'), [pinned(sidecar), pinned(web)].sort());
    });

    test('is denied where it is unsigned', async () => {
      const { stderr } = await create(injected('mesh-bad', here.images.unsigned.reference));
      assert.match(stderr, /denied the request: countersign: container sidecar, .*UNSIGNED/);
    });
  });

  describe('ownerReferences that a user wrote', () => {
    test("prove nothing: the image is judged as anybody's", async () => {
      const owner = await replicaSetOf('owner', here.images.web.reference);
      const { stderr } = await create(ownedPod('forged', here.images.unsigned.reference, owner));
      assert.match(stderr, /denied the request: countersign: .*UNSIGNED/);
    });
  });

  describe('our own namespace', () => {
    const accountOf = (more: object = {}) => ({ spec: { serviceAccountName: 'countersign', ...more } });
    const ownImage = () => `${here.registry.host}/countersign@${here.images.own.digest}`;

    test('lets our own image through by its digest, though nobody signed it', async () => {
      succeeded(await create(podOf('ours', [ownImage()], accountOf()), 'countersign', 'admin'));
    });

    for (const [what, images] of [
      ['another image under our labels', () => [here.images.unsigned.reference]],
      ['another image beside ours', () => [ownImage(), here.images.unsigned.reference]],
      ['our image by its tag', () => [here.images.own.reference]],
    ] as const) {
      test(`judges ${what}`, async () => {
        const labels = {
          'app.kubernetes.io/name': 'countersign-not',
          'app.kubernetes.io/instance': 'countersign',
        };
        const object = podOf('other', images(), accountOf(), labels);
        const { stderr } = await create(object, 'countersign', 'admin');
        assert.match(stderr, /denied the request: countersign: /);
      });
    }

    test('judges an image that kubectl debug puts beside ours', async () => {
      const { stderr } = await here.kubectl([
        '-n',
        'countersign',
        'debug',
        'ours',
        '--image',
        here.images.unsigned.reference,
        '--profile=general',
        '-q',
      ]);
      assert.match(stderr, /ephemeral container .*UNSIGNED/);
    });

    test('judges our image in another namespace', async () => {
      const { stderr } = await create(pod('ours', ownImage()));
      assert.match(stderr, /denied the request: countersign: /);
    });
  });

  test('the label of a namespace, which a tenant may edit, takes it out of nothing', async () => {
    await here.kubectl([
      'label',
      'namespace',
      'shop',
      '--overwrite',
      'countersign.dev/ignore=true',
      'control-plane=true',
    ]);
    await here.kubectl([
      'label',
      'namespace',
      'shop',
      '--overwrite',
      'kubernetes.io/metadata.name=elsewhere',
    ]);
    const { stderr } = await create(pod('labelled', here.images.unsigned.reference));
    assert.match(stderr, /UNSIGNED/);
  });

  /** A verified Deployment's ReplicaSet. */
  async function replicaSetOf(name: string, image: string): Promise<ApiObject> {
    succeeded(await create(workload('Deployment', name, image, 1)));
    succeeded(
      await here.kubectl(['-n', 'shop', 'rollout', 'status', `deployment/${name}`, '--timeout=60s'], {
        as: 'alice',
      }),
    );
    const { body } = await here.api.ask('GET', '/apis/apps/v1/namespaces/shop/replicasets');
    return body.items.find(({ spec }: ApiObject) => spec.selector.matchLabels.app === name);
  }
});

function podOf(name: string, images: readonly string[], { spec }: { spec: object }, labels = {}) {
  const containers = images.map((image, index) => ({ name: `c${index}`, image }));
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { containers, ...spec } };
}
