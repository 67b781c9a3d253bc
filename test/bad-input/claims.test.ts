// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { signLegacy, startTestRegistry } from '../../src/testing/index.ts';
import { assertAllowed, assertDenied } from '../support/bad-images.ts';
import { eventually } from '../support/eventually.ts';
import { deploymentReview, podReview } from '../support/reviews.ts';
import { KEYS, named, startWholeServer } from '../support/whole-server.ts';

async function start(
  t: TestContext,
  options: { rules?: (host: string) => string; clock?: () => number } = {},
) {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  const server = await startWholeServer(t, {
    registries: named(registry),
    // What is held back stays under way: no idle time ends it and has it asked again.
    transport: { idleMs: 600_000 },
    ...(options.rules && { rules: options.rules(registry.host) }),
    ...(options.clock && { clock: options.clock }),
  });
  return { registry, server, image: registry.pushImage('acme/web', { tag: '1.0' }) };
}

test('an exemption holds through its last millisecond and ends with it, 0 registry requests', async (t) => {
  let now = Date.UTC(2026, 10, 22, 23, 59, 59, 999);
  const { server, image } = await start(t, {
    clock: () => now,
    rules: (host) =>
      `  - { name: old, images: ["${host}/**"], allow: { reason: reviewed, until: 2026-11-22 } }`,
  });
  await assertAllowed(server, [image.reference], 'EXEMPT');
  now += 1;
  await assertDenied(server, [image.reference], 'EXEMPTION_EXPIRED');
  assert.equal(await server.sent(), 0);
});

test('a reload during requests: who began before it is judged by the old policies, who began after by the new', async (t) => {
  const { registry, server, image } = await start(t);
  signLegacy(registry, image, KEYS.release);
  const loaded = (count: number) =>
    eventually(`loaded ${count} times`, async () => {
      return (await server.count('countersign_policy_reloads_total')) === count;
    });
  // What is remembered gets no older: on a slow machine it would be asked for again.
  const now = performance.now();
  t.mock.method(performance, 'now', () => now);
  const slow = registry.fault({ kind: 'latency', milliseconds: 600_000, match: { kind: 'referrers' } });
  const before = assertAllowed(server, [image.pinned]);
  await eventually('the registry is asked', () => registry.requests.length >= 2);
  server.setRules('  - { name: all, images: ["**"], require: security }');
  await loaded(2);
  assert.equal(slow.hits, 1);
  const after = assertDenied(server, [image.pinned], 'SIGNATURE_INVALID');
  slow.remove();
  await Promise.all([before, after]);

  server.setRules('  - { name: all, images: ["**"], require: nobody }');
  await loaded(3);
  await assertDenied(server, [image.pinned], 'SIGNATURE_INVALID');
  server.setRules('  - { name: all, images: ["**"], require: release }');
  await loaded(4);
  await assertAllowed(server, [image.pinned]);
  assert.equal(await server.sent(), 3, 'the facts are the same for all of them');
});

test('a reload under load: every request is answered, by the old policies or the new', async (t) => {
  const { registry, server, image } = await start(t);
  signLegacy(registry, image, KEYS.release);
  const rules = (signer: string) => `  - { name: all, images: ["**"], require: ${signer} }`;
  const codes = new Set<string | undefined>();
  const began = performance.now();
  for (let round = 0; (await server.count('countersign_policy_reloads_total')) < 6; round++) {
    assert.ok(performance.now() < began + 100_000, 'reloads come');
    if (round % 10 === 0) server.setRules(rules(round % 20 === 0 ? 'security' : 'release'));
    const uids = Array.from({ length: 5 }, () => randomUUID());
    const answers = await Promise.all(uids.map((uid) => server.ask(podReview([image.pinned], { uid }))));
    assert.deepEqual(
      answers.map(({ uid }) => uid),
      uids,
    );
    for (const { allowed, code } of answers) {
      assert.equal(allowed, code === 'VERIFIED');
      codes.add(code);
    }
  }
  assert.deepEqual([...codes].sort(), ['SIGNATURE_INVALID', 'VERIFIED']);
  // What does not satisfy is asked for again, however slow this machine is: that often, and no more.
  const recheckable = 1 + Math.floor((performance.now() - began) / LIMITS.recheckMs);
  assert.ok((await server.sent()) <= 3 * recheckable);
});

test('a Pod that claims owners it does not have, or to be a mirror, is judged like any other', async (t) => {
  const { registry, server, image } = await start(t);
  signLegacy(registry, image, KEYS.release);
  const unsigned = registry.pushImage('acme/web', { tag: '2.0', content: 'unsigned' });
  // The owner is real, and its image was admitted; the Pod of a controller would come with its digest.
  const owner = deploymentReview(image.reference);
  assert.equal((await server.ask(owner)).allowed, true);
  const claims = {
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: owner.request.uid, controller: true },
      { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: randomUUID(), controller: true },
    ],
    annotations: { 'kubernetes.io/config.mirror': 'x', 'kubernetes.io/config.source': 'file' },
    labels: { 'pod-template-hash': 'x', 'countersign.dev/verified': 'true' },
  };
  const users = [
    { username: 'alice', groups: ['system:authenticated'] },
    {
      username: 'system:serviceaccount:kube-system:replicaset-controller',
      groups: ['system:serviceaccounts'],
    },
    { username: 'system:node:node-2', groups: ['system:nodes'] },
    { username: 'system:node:node-1', groups: ['system:authenticated'] },
  ];
  const before = await server.sent();
  for (const userInfo of users) {
    for (const [reference, code] of [
      [image.reference, 'NOT_PINNED'],
      [unsigned.reference, 'NOT_PINNED'],
      [unsigned.pinned, 'UNSIGNED'],
    ] as const) {
      const { request, ...review } = podReview([reference]);
      const object = {
        ...request.object,
        metadata: { name: 'web', ...claims },
        spec: { ...(request.object as { spec: object }).spec, nodeName: 'node-1' },
      };
      const answer = await server.ask({ ...review, request: { ...request, userInfo, object } });
      assert.deepEqual(
        [answer.uid, answer.allowed, answer.code],
        [request.uid, false, code],
        userInfo.username,
      );
    }
  }
  // The tag of the unsigned image, and both stores of its digest; what the owner's review learned is remembered.
  assert.equal((await server.sent()) - before, 3);
});
