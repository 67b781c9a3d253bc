// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Call, type Deps, mutate, validate } from '../../src/evaluate.ts';
import { createTestKey, signLegacy, startTestRegistry } from '../../src/testing/index.ts';
import { admit, recordedReview } from '../support/rollout.ts';
import { skipWithoutVectors } from '../support/vectors.ts';
import { call, testWorld } from '../support/world.ts';

const KEY = createTestKey('ecdsa-p256');
const policyFor = (images: string) => `
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers: { release: { key: { file: release.pub } } }
rules: [{ name: all, images: ["${images}"], require: release }]
`;

/** The recordings: a Deployment, its ReplicaSet, its three Pods. */
const DEPLOYMENT = ['001', '002'] as const;
const REPLICA_SET = ['003', '004'] as const;
const PODS = [
  ['005', '006'],
  ['007', '008'],
  ['013', '014'],
] as const;
const CONTROLLER = 'system:serviceaccount:kube-system:replicaset-controller';

type Numbers = readonly [string, string];
type Options = { readonly change?: Change; readonly call?: () => Call; readonly deps?: Deps };
type Change = (request: { [name: string]: unknown; object: object }) => void;

/** A registry with the image of the recordings, signed, and a server that remembers no tags but for children. */
async function start(t: TestContext, images = (_host: string) => '**') {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  const image = registry.pushImage('demo/app', { tag: 'v1' });
  signLegacy(registry, image, KEY);
  const world = testWorld({
    policies: [policyFor(images(registry.host))],
    files: { 'release.pub': KEY.publicKeyPem },
    tagSeconds: 0,
  });
  t.after(() => world.close());
  const run = async ([mutating, validating]: Numbers, options: Options = {}) => {
    registry.clearRequests();
    const reviews = [
      recordedReview(mutating, registry.host),
      recordedReview(validating, registry.host),
    ] as const;
    for (const { request } of reviews) options.change?.(request);
    const { judgement, patched } = await admit(...reviews, options.deps ?? world.deps, options.call ?? call);
    const tags = registry.requests.filter(({ path }) => path.endsWith('/manifests/v1')).length;
    const { allowed } = judgement.report;
    return { allowed, patched, tags, requests: registry.requests.length, image: judgement.report.images[0] };
  };
  return { registry, image, run, deps: world.deps };
}

test('a rollout by tag asks the registry as often as one verification', {
  skip: skipWithoutVectors,
}, async (t) => {
  const { run, image } = await start(t);
  const first = await run(DEPLOYMENT);
  assert.deepEqual([first.allowed, first.patched, first.tags], [true, false, 1]);
  const replicaSet = await run(REPLICA_SET);
  assert.deepEqual([replicaSet.allowed, replicaSet.requests], [true, 0]);
  for (const numbers of PODS) {
    const pod = await run(numbers);
    assert.deepEqual([pod.allowed, pod.patched, pod.requests], [true, true, 0]);
    assert.equal(pod.image?.digest, image.digest);
  }
});

test('a rule that names the tag has it confirmed by what the template left', {
  skip: skipWithoutVectors,
}, async (t) => {
  const { run } = await start(t, (host) => `${host}/demo/app:v1`);
  assert.equal((await run(DEPLOYMENT)).tags, 1);
  assert.equal((await run(REPLICA_SET)).requests, 0);
  const [pod] = PODS;
  const { allowed, patched, requests } = await run(pod);
  assert.deepEqual([allowed, patched, requests], [true, true, 0]);
});

test('a child gets the digest that was verified for its template, though the tag has moved', {
  skip: skipWithoutVectors,
}, async (t) => {
  const { registry, run, image } = await start(t);
  await run(DEPLOYMENT);
  registry.pushImage('demo/app', { tag: 'v1', content: 'moved, and not signed' });
  await run(REPLICA_SET);
  const [pod] = PODS;
  assert.equal((await run(pod)).image?.digest, image.digest);
});

/** Ways in which a Pod, or the template before it, is not to be believed or leaves nothing. */
const UNPROVEN = () => ({ ...call(), proven: false });
for (const [name, template, child] of [
  [
    'a user who writes owner references',
    {},
    {
      change: (request) => {
        request['userInfo'] = { username: 'mallory' };
      },
    },
  ],
  [
    'a controller of another namespace',
    {},
    {
      change: (request) => {
        request['userInfo'] = { username: CONTROLLER.replace('kube-system', 'team-a') };
      },
    },
  ],
  [
    'an owner reference without controller: true',
    {},
    {
      change: ({ object }) => {
        Object.assign(object, {
          metadata: { ...metadataOf(object), ownerReferences: [{ uid: uidIn(object) }] },
        });
      },
    },
  ],
  [
    'another namespace',
    {},
    {
      change: (request) => {
        request['namespace'] = 'team-b';
      },
    },
  ],
  ['a caller who is not proven', {}, { call: UNPROVEN }],
  ['a template of a caller who is not proven', { call: UNPROVEN }, {}],
  [
    'a dry run',
    {
      change: (request) => {
        request['dryRun'] = true;
      },
    },
    {},
  ],
  [
    'an object without UID',
    {
      change: ({ object }) => {
        Object.assign(object, { metadata: { ...metadataOf(object), uid: '' } });
      },
    },
    {},
  ],
] as readonly (readonly [string, Options, Options])[]) {
  test(`the tag is asked for again: ${name}`, { skip: skipWithoutVectors }, async (t) => {
    const { run } = await start(t);
    await run(REPLICA_SET, template);
    const [pod] = PODS;
    const { allowed, tags } = await run(pod, child);
    assert.deepEqual([allowed, tags], [true, 1]);
  });
}

test('an image that is not verified leaves nothing: the next child is asked for', {
  skip: skipWithoutVectors,
}, async (t) => {
  const { registry, run, deps } = await start(t);
  registry.pushImage('demo/app', { tag: 'v1', content: 'not signed' });
  const audit = {
    ...deps,
    policies: deps.policies.map((one) => ({
      ...one,
      rules: one.rules.map((rule) => ({ ...rule, mode: 'audit' as const })),
    })),
  };
  const found = await run(REPLICA_SET, { deps: audit });
  assert.deepEqual([found.allowed, found.image?.verdict], [true, 'rejected']);
  const [pod] = PODS;
  assert.equal((await run(pod, { deps: audit })).tags, 1);
});

test('a change of the template forgets what the old one left', { skip: skipWithoutVectors }, async (t) => {
  const { registry, run, deps } = await start(t);
  const update = (change: Change) => {
    const review = recordedReview('002', registry.host);
    Object.assign(review.request, { operation: 'UPDATE', oldObject: structuredClone(review.request.object) });
    change(review.request);
    return review;
  };
  await run(DEPLOYMENT);
  await validate(
    update(({ object }) => {
      specOf(object)['replicas'] = 9;
    }),
    deps,
    call(),
  );
  assert.equal((await run(REPLICA_SET)).tags, 0, 'scaled');

  const restarted: Change = ({ object }) => {
    Object.assign(specOf(object)['template'] as object, {
      metadata: { annotations: { restartedAt: 'now' } },
    });
  };
  const unproven = { ...call(), proven: false };
  await validate(
    update((request) => {
      restarted(request);
      request['dryRun'] = true;
    }),
    deps,
    call(),
  );
  await validate(update(restarted), deps, unproven);
  assert.equal((await run(REPLICA_SET)).tags, 0, 'dry run, and nobody proven');
  await validate(update(restarted), deps, call());
  assert.equal((await run(REPLICA_SET)).tags, 1, 'restarted');
});

test('mutate leaves nothing', { skip: skipWithoutVectors }, async (t) => {
  const { registry, run, deps } = await start(t);
  await mutate(recordedReview('004', registry.host), deps, call());
  const [pod] = PODS;
  assert.equal((await run(pod)).tags, 1);
});

function metadataOf(object: object): { readonly ownerReferences?: readonly { readonly uid: string }[] } {
  return 'metadata' in object ? (object.metadata as object) : {};
}

function uidIn(object: object): string | undefined {
  return metadataOf(object).ownerReferences?.[0]?.uid;
}

function specOf(object: object): Record<string, unknown> {
  return (object as { readonly spec: Record<string, unknown> }).spec;
}
