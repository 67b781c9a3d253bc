// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEFAULT_CONFIG } from '../../src/config/index.ts';
import { createFacts } from '../../src/discover/index.ts';
import { type Call, type Deps, mutate, validate } from '../../src/evaluate.ts';
import { createKubernetesClient, createPullSecrets } from '../../src/kubernetes/index.ts';
import { compilePolicy } from '../../src/policy/index.ts';
import { createRegistry, NO_CREDENTIALS } from '../../src/registry/index.ts';
import { createTestKey, signLegacy, startTestRegistry } from '../../src/testing/index.ts';
import { startApiServer } from '../support/api-server/server.ts';
import { podReview } from '../support/reviews.ts';
import { call } from '../support/world.ts';

const KEY = createTestKey('ecdsa-p256');
const USERS = [{ username: 'team-a', password: 's3cret' }];

/** A private registry, a server that reads pull secrets, and two namespaces: `a` has the secret, `b` has none. */
async function start(t: TestContext, ofInstallation: readonly { namespace: string; name: string }[] = []) {
  const registry = await startTestRegistry({ auth: { kind: 'bearer', users: USERS } });
  t.after(() => registry.close());
  const image = registry.pushImage('acme/web', { tag: '1' });
  signLegacy(registry, image, KEY);
  const api = await startApiServer(t);
  const kubernetes = createKubernetesClient(api.access);
  t.after(() => kubernetes.close());
  const auth = Buffer.from('team-a:s3cret').toString('base64');
  const text = JSON.stringify({ auths: { [registry.host]: { auth } } });
  api.store.put('/api/v1/namespaces/a/secrets', {
    metadata: { name: 'regcred' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(text).toString('base64') },
  } as { metadata: object });
  const client = createRegistry({ config: DEFAULT_CONFIG, credentials: NO_CREDENTIALS, allowLoopback: true });
  t.after(() => client.close());
  const rules = `
  - { name: spared, images: ["${registry.host}/spared/**"], allow: { reason: test, until: never } }
  - { name: all, images: ["**"], require: release }`;
  const policy = `
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers: { release: { key: { file: release.pub } } }
rules:${rules}`;
  const deps: Deps = {
    policies: [compilePolicy(policy, { source: 'policy.yaml', readFile: () => KEY.publicKeyPem })],
    facts: createFacts({ registry: client, tagSeconds: 30 }),
    pullSecrets: createPullSecrets(kubernetes, { ofWorkloads: true, ofInstallation }),
    clock: Date.now,
    observe: () => {},
  };
  const judge = async (reference: string, namespace: string, caller: Call = call()) => {
    const review = podReview([reference], { namespace });
    nameSecret(review.request.object);
    const { report } = await validate(review, deps, caller);
    return report.images[0];
  };
  return { registry, api, image, deps, judge };
}

test('an image is asked for with the pull secret of its Pod, and no other namespace shares what that found', async (t) => {
  const { judge, image, registry } = await start(t);
  assert.equal((await judge(image.pinned, 'a'))?.code, 'VERIFIED');
  const stranger = await judge(image.pinned, 'b');
  assert.deepEqual([stranger?.decision, stranger?.code], ['deny', 'REGISTRY_UNAUTHORIZED']);
  registry.clearRequests();
  assert.equal((await judge(image.pinned, 'a'))?.code, 'VERIFIED');
  assert.equal(registry.requests.length, 0, 'warm');
});

test('a Pod is pinned with its pull secret as well', async (t) => {
  const { deps, image } = await start(t);
  for (const [namespace, pin] of [
    ['a', `${image.reference}@${image.digest}`],
    ['b', undefined],
  ] as const) {
    const review = podReview([image.reference], { namespace });
    nameSecret(review.request.object);
    assert.equal((await mutate(review, deps, call())).pins[0]?.pin, pin);
  }
});

test('an exempt image reads no secret', async (t) => {
  const { judge, registry, api } = await start(t);
  assert.equal((await judge(`${registry.host}/spared/app:1`, 'a'))?.code, 'EXEMPT');
  assert.equal(api.asked.length, 0);
});

test('a caller who is not proven reads no pull secrets of workloads, and those of the installation all the same', async (t) => {
  const unproven = { ...call(), proven: false };
  const { judge, image, api } = await start(t);
  assert.equal((await judge(image.pinned, 'a', unproven))?.code, 'REGISTRY_UNAUTHORIZED');
  assert.equal(api.asked.length, 0);
  const ours = await start(t, [{ namespace: 'a', name: 'regcred' }]);
  assert.equal((await ours.judge(ours.image.pinned, 'b', unproven))?.code, 'VERIFIED');
});

test('where the API server fails the image is asked for as it is, and the refusal says what could not be read', async (t) => {
  const { judge, image, api } = await start(t);
  api.fault = () => ({ status: 500, text: '{}' });
  const found = await judge(image.pinned, 'a');
  assert.deepEqual([found?.decision, found?.code], ['deny', 'REGISTRY_UNAUTHORIZED']);
  assert.match(found?.message ?? '', /the pull secret a\/regcred: .*500/);
  api.fault = () => undefined;
  assert.equal((await judge(image.pinned, 'a'))?.code, 'VERIFIED', 'the failure is not remembered');
});

test('an API server that does not answer leaves time for an answer, in the mode of the rule', async (t) => {
  const { judge, image, api } = await start(t);
  api.before = () => new Promise(() => {});
  const begun = performance.now();
  const found = await judge(image.pinned, 'a', call(300));
  assert.equal(found?.decision, 'deny');
  assert.ok(performance.now() - begun < 9_000);
  assert.deepEqual(
    found?.policies.map(({ rule }) => rule),
    ['all'],
  );
});

function nameSecret(object: object): void {
  const { spec } = object as { readonly spec: object };
  Object.assign(spec, { imagePullSecrets: [{ name: 'regcred' }] });
}
