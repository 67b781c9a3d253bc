// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { signLegacy, startTestRegistry, type TestRegistry } from '../../src/testing/index.ts';
import type { ApiObject } from './cluster/api.ts';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, succeeded, untilTrue } from './cluster/installation.ts';
import { imagesOf, ownedPod, pod, workload } from './cluster/objects.ts';

const PULLER = { username: 'puller', password: 'correct horse' };

/** One, because what a server remembers of parents is its own; and the API server shows it a certificate. */
describe('what one server knows of the cluster', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  let closed: TestRegistry;
  before(async () => {
    closed = await startTestRegistry({ auth: { kind: 'bearer', users: [PULLER] } });
    here = await startInstallation({
      clientCa: true,
      hosts: [closed.host],
      values: { replicas: 1, pullSecrets: { namespaces: ['shop'] } },
    });
    const rules = `
  - { name: closed, images: ["${closed.host}/**"], require: release }
  - name: gold
    images: ["${here.images.unsigned.reference}"]
    namespaceLabels: { tier: gold }
    allow: { reason: "SEC-2", until: never }
`;
    const policy = here.policy.replace('rules:\n', `rules:${rules}`);
    const policies = { 'acme.yaml': policy, 'release.pub': here.key.publicKeyPem };
    const values = {
      replicas: 1,
      pullSecrets: { namespaces: ['shop'] },
      clientCa: here.cluster.webhookClientCa,
      policies,
    };
    succeeded(await here.helm('upgrade', values));
    await untilTrue('the policy is there', async () => logged('"msg":"policies loaded"') > 1);
  });
  after(async () => {
    await here?.stop();
    await closed?.close();
  });

  const logged = (text: string) =>
    here.kubelet.pods().reduce((sum, { output }) => sum + output().split(text).length - 1, 0);
  const inShop = (args: readonly string[], input?: object) =>
    here.kubectl(['-n', 'shop', ...args], { as: 'alice', ...(input && { input }) });
  const create = (object: object) => inShop(['create', '-f', '-'], object);
  const rolledOut = async (name: string) =>
    succeeded(await inShop(['rollout', 'status', `deployment/${name}`, '--timeout=60s']));
  const pushSigned = (registry: TestRegistry, repository: string, content = repository) => {
    const image = registry.pushImage(repository, { tag: '1', content });
    signLegacy(registry, image, here.key);
    return image;
  };

  test('a Deployment of three asks the registry as often as one Pod', async () => {
    const { registry } = here;
    const [alone, three] = [pushSigned(registry, 'acme/alone'), pushSigned(registry, 'acme/three')];
    registry.clearRequests();
    succeeded(await create(pod('alone', alone.pinned)));
    const once = registry.requests.length + 1; // and the tag, which this Pod has none of
    registry.clearRequests();
    succeeded(await create(workload('Deployment', 'three', three.reference, 3)));
    await rolledOut('three');
    const all = registry.requests.map(({ method, path }) => `${method} ${path}`);
    assert.ok(all.length <= once, `${once} for one, ${all.length} for all of them:\n${all.join('\n')}`);
  });

  test('what was verified of a Deployment is what its Pods get, wherever the tag has gone since', async () => {
    const { registry, api } = here;
    const first = pushSigned(registry, 'acme/moved', 'first');
    succeeded(await create(workload('Deployment', 'moved', first.reference, 1)));
    await rolledOut('moved');
    registry.pushImage('acme/moved', { tag: '1', content: 'second' });
    succeeded(await inShop(['scale', 'deployment/moved', '--replicas=3']));
    await rolledOut('moved');
    assert.deepEqual(await imagesOf(api, 'shop', 'moved'), [`${first.reference}@${first.digest}`]);
  });

  test('nobody but a controller gets that: to a user a moved tag is what it is now, whatever ownerReferences say', async () => {
    const { registry, api } = here;
    const first = pushSigned(registry, 'acme/forged', 'first');
    succeeded(await create(workload('Deployment', 'forged', first.reference, 1)));
    await rolledOut('forged');
    const second = registry.pushImage('acme/forged', { tag: '1', content: 'second' });
    const { body } = await api.ask('GET', '/apis/apps/v1/namespaces/shop/replicasets');
    const owner = body.items.find(({ spec }: ApiObject) => spec.selector.matchLabels.app === 'forged');
    const { stderr } = await create(ownedPod('forged-pod', first.reference, owner));
    assert.match(stderr, /denied the request: countersign: .*UNSIGNED/);
    assert.ok(stderr.includes(second.digest), 'the digest is that of the tag today');
  });

  test('a rule with namespaceLabels follows the labels of the Namespace', async () => {
    const { unsigned } = here.images;
    const attempt = (name: string) => create(pod(name, unsigned.reference));
    assert.match((await attempt('bronze')).stderr, /\[UNSIGNED, rule acme/);
    succeeded(await here.kubectl(['label', 'namespace', 'shop', 'tier=gold']));
    await untilTrue('the rule applies', async () => (await attempt('gold')).exitCode === 0);
    succeeded(await here.kubectl(['label', 'namespace', 'shop', 'tier-']));
    await untilTrue('it applies no more', async () => (await attempt('bronze-again')).exitCode !== 0);
  });

  test('the pull secrets of a Pod and of its ServiceAccount open the registry for it, and for no other Pod', async () => {
    const image = pushSigned(closed, 'acme/closed');
    const login = ['--docker-username', PULLER.username, '--docker-password', PULLER.password];
    const secret = ['create', 'secret', 'docker-registry', 'pull', '--docker-server', closed.host, ...login];
    succeeded(await inShop(secret));
    const refused = async (name: string) => {
      const { stderr } = await create(pod(name, image.reference));
      assert.match(stderr, /denied the request: countersign: .*\[REGISTRY_UNAUTHORIZED/);
    };
    await refused('without');
    succeeded(await create(pod('with', image.reference, { spec: { imagePullSecrets: [{ name: 'pull' }] } })));
    await refused('still-without');

    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'puller' },
      imagePullSecrets: [{ name: 'pull' }],
    };
    succeeded(await create(account));
    succeeded(await create(pod('by-account', image.reference, { spec: { serviceAccountName: 'puller' } })));
    assert.equal(logged(PULLER.password), 0);
  });
});
