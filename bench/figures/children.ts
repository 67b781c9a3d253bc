// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { DEFAULT_CONFIG } from '../../src/config/index.ts';
import { createChildren, createFacts } from '../../src/discover/index.ts';
import { type Deps, mutate, validate } from '../../src/evaluate.ts';
import { createRegistry, NO_CREDENTIALS } from '../../src/registry/index.ts';
import { signLegacy } from '../../src/testing/index.ts';
import { exactly, type Row } from '../figure.ts';
import { startWorld, type World } from '../world.ts';

const PODS = 3;
const CONTROLLERS = 'system:serviceaccount:kube-system';

/** Registry requests of a whole rollout by tag, beside those of one verification of the same image, both cold. */
export async function children(): Promise<Row[]> {
  const world = await startWorld();
  try {
    const image = world.registry.pushImage('acme/web', { tag: '1.4' });
    signLegacy(world.registry, image, world.key);
    const one = await requestsOf(world, (deps) => createPod(image.reference, deps, 'alice'));
    const all = await requestsOf(world, (deps) => rollOut(image.reference, deps));
    return [
      exactly(`a Deployment of ${PODS} Pods by tag, cold: registry requests, as one verification`, all, one),
    ];
  } finally {
    await world.close();
  }
}

/** Tags are remembered for children only, so that what is saved is not saved by the memory of tags. */
async function requestsOf({ deps, registry }: World, run: (deps: Deps) => Promise<void>): Promise<number> {
  const client = createRegistry({ config: DEFAULT_CONFIG, credentials: NO_CREDENTIALS, allowLoopback: true });
  const facts = createFacts({ registry: client, tagSeconds: 0 });
  registry.clearRequests();
  await run({ ...deps, facts, children: createChildren(DEFAULT_CONFIG.controllers) });
  await client.close();
  return registry.requests.length;
}

/** The template is written by a user; ReplicaSet and Pods by controllers, each with the UID of its parent. */
async function rollOut(image: string, deps: Deps): Promise<void> {
  const spec = { template: { spec: podSpec(image) } };
  const deployment = await create('Deployment', spec, deps, 'alice');
  const replicaSet = await create(
    'ReplicaSet',
    spec,
    deps,
    `${CONTROLLERS}:deployment-controller`,
    deployment,
  );
  for (let pod = 0; pod < PODS; pod += 1) {
    await createPod(image, deps, `${CONTROLLERS}:replicaset-controller`, replicaSet);
  }
}

async function createPod(image: string, deps: Deps, username: string, owner?: string): Promise<void> {
  const review = reviewOf('Pod', podSpec(image), username, owner);
  const { pins } = await mutate(review, deps, call());
  const pin = pins[0]?.pin;
  if (pin === undefined) throw new Error('the Pod was not pinned');
  await judge(reviewOf('Pod', podSpec(pin), username, owner, randomUUID()), deps);
}

/** Gives the UID of what was created. */
async function create(
  kind: string,
  spec: object,
  deps: Deps,
  username: string,
  owner?: string,
): Promise<string> {
  const uid = randomUUID();
  await mutate(reviewOf(kind, spec, username, owner), deps, call());
  await judge(reviewOf(kind, spec, username, owner, uid), deps);
  return uid;
}

async function judge(review: unknown, deps: Deps): Promise<void> {
  const { report } = await validate(review, deps, call());
  if (report.images[0]?.verdict !== 'verified') throw new Error(`denied: ${report.images[0]?.message}`);
}

function call() {
  return { signal: new AbortController().signal, budgetMs: 30_000 };
}

function podSpec(image: string) {
  return { containers: [{ name: 'web', image }] };
}

function reviewOf(kind: string, spec: object, username: string, owner?: string, uid?: string): unknown {
  const group = kind === 'Pod' ? '' : 'apps';
  const ownerReferences = owner === undefined ? [] : [{ uid: owner, controller: true }];
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: { group, version: 'v1', kind },
      resource: { group, version: 'v1', resource: `${kind.toLowerCase()}s` },
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: { username },
      object: { metadata: { namespace: 'shop', ownerReferences, ...(uid && { uid }) }, spec },
    },
  };
}
