// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  attestImage,
  createTestSigstore,
  githubIdentity,
  signImageKeyless,
  type TestIdentity,
  type TestRegistry,
  type TrustedRootJson,
} from '../../src/testing/index.ts';
import { type ConnectProxy, connectProxy } from '../support/connect-proxy.ts';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, succeeded, untilTrue } from './cluster/installation.ts';
import { imagesOf, pod, podsOf, workload } from './cluster/objects.ts';

const DAY = 86_400_000;
const SIGSTORE = createTestSigstore();
const PIPELINE = githubIdentity('acme/shop');
const PERSON: TestIdentity = { issuer: 'https://accounts.example', subject: 'kim@acme.example' };
const PROVENANCE = 'https://slsa.dev/provenance/v1';
/** A registry that a rule names, and that nobody can reach but through the proxy. */
const AFAR = 'registry.acme.example';

const policyOver = (host: string, trustRoot = 'acme') => `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: shop }
signers:
  pipeline:
    keyless:
      issuer: ${PIPELINE.issuer}
      subject: ${PIPELINE.subject}
      claims: { sourceRepository: https://github.com/acme/shop, buildTrigger: push }
    trustRoot: ${trustRoot}
rules:
  - { name: shop, images: ["${host}/acme/shop", "${AFAR}/**"], require: pipeline }
  - name: attested
    images: ["${host}/acme/attested"]
    require: pipeline
    attestations:
      - { type: "${PROVENANCE}", by: pipeline, where: 'predicate.buildDefinition.ref == "refs/heads/main"' }
`;

/** The chart's `trust`: the Sigstore of these tests, whose logs are trusted for so many more days. */
function trustFor(days: number, edit: (root: TrustedRootJson) => void = () => {}) {
  const logs = { start: SIGSTORE.since, end: endIn(days) };
  return { roots: { acme: SIGSTORE.trustedRoot({ windows: { logs }, edit }).toString() } };
}

const withoutAuthority = (root: TrustedRootJson) => {
  root.certificateAuthorities = [];
};
const TODAY = Date.now();
const endIn = (days: number) => TODAY + days * DAY;

describe('keyless', { skip: skipWithoutKubernetes() }, () => {
  const closing: (() => unknown)[] = [];
  let proxy: ConnectProxy;
  let here: Installation;
  let images: ReturnType<typeof pushBuilds>;
  before(async () => {
    proxy = await connectProxy({ after: (close) => void closing.push(close as () => unknown) }, { to: {} });
    here = await startInstallation({
      values: ({ host }) => ({
        policies: { 'shop.yaml': policyOver(host) },
        trust: trustFor(30),
        // What asked anybody beside the registry and the API server would be seen there.
        extraEnv: ['HTTPS_PROXY', 'HTTP_PROXY'].map((name) => ({ name, value: `http://${proxy.host}` })),
      }),
    });
    images = pushBuilds(here.registry);
  });
  after(async () => {
    await here?.stop();
    for (const close of closing) await close();
  });

  let count = 0;
  const create = (image: string) => {
    count += 1;
    const input = pod(`pod-${count}`, image);
    return here.kubectl(['-n', 'shop', 'create', '-f', '-'], { as: 'alice', input });
  };
  const processes = () => here.kubelet.pods().map(({ name, output }) => [name, starts(output())]);
  const readiness = () =>
    Promise.all(here.kubelet.pods().map(async ({ probe }) => JSON.parse(await probe('/readyz'))));
  /** What `/readyz` of both says of the trust root of the values. */
  const rootsInForce = async () =>
    (await readiness()).map(({ trust }) =>
      trust.roots.find((root: { name: string }) => root.name === 'acme'),
    );
  const untilExpiry = (days: number) =>
    untilTrue('both have the new trust root', async () =>
      (await rootsInForce()).every(({ nextExpiry }) => Date.parse(nextExpiry) === endIn(days)),
    );

  test('what the pipeline built rolls out, pinned', async () => {
    const { eight } = images;
    const input = workload('Deployment', 'shop', eight.reference);
    const { stderr } = succeeded(
      await here.kubectl(['-n', 'shop', 'apply', '-f', '-'], { as: 'alice', input }),
    );
    assert.equal(stderr, '');
    succeeded(
      await here.kubectl(['-n', 'shop', 'rollout', 'status', 'deployment/shop', '--timeout=60s'], {
        as: 'alice',
      }),
    );
    assert.deepEqual(await imagesOf(here.api, 'shop', 'shop'), [`${eight.reference}@${eight.digest}`]);
  });

  test('what a person signed is denied, and kubectl says who signed it and who should have', async () => {
    const { exitCode, stderr } = await create(images.seven.reference);
    assert.notEqual(exitCode, 0);
    assert.match(
      stderr,
      /denied the request: countersign: container main, .*\[IDENTITY_MISMATCH, rule shop/s,
    );
    for (const part of [PERSON.subject, PERSON.issuer, PIPELINE.subject, PIPELINE.issuer])
      assert.ok(stderr.includes(`"${part}"`), stderr);
  });

  test('what the pipeline built for another repository is denied by its claims', async () => {
    const { stderr } = await create(images.borrowed.reference);
    assert.match(stderr, /\[IDENTITY_MISMATCH, rule shop/);
    assert.match(stderr, /"https:\/\/github\.com\/mallory\/shop"/);
  });

  test('where an attestation is demanded, the signature alone is not enough, nor one that says otherwise', async () => {
    assert.match((await create(images.bare.reference)).stderr, /\[ATTESTATION_MISSING, rule attested/);
    assert.match((await create(images.branch.reference)).stderr, /\[ATTESTATION_REJECTED, rule attested/);
    succeeded(await create(images.attested.reference));
  });

  test('/readyz tells the trust root, and what in it ends next', async () => {
    for (const root of await rootsInForce()) {
      assert.deepEqual([root.lastRefresh, root.nextExpiry], ['ok', new Date(endIn(30)).toISOString()]);
    }
  });

  test('an upgrade to a trust root without the authority denies within seconds, without a restart, and disturbs nothing that runs', async () => {
    const before = processes();
    succeeded(await here.helm('upgrade', { trust: trustFor(20, withoutAuthority) }));
    await untilExpiry(20);
    assert.match((await create(images.eight.reference)).stderr, /\[CERTIFICATE_UNTRUSTED, rule shop/);
    assert.match((await create(images.attested.reference)).stderr, /\[CERTIFICATE_UNTRUSTED, rule attested/);
    assert.equal((await podsOf(here.api, 'shop', 'shop')).length, 2);

    succeeded(await here.helm('upgrade', { trust: trustFor(10) }));
    await untilExpiry(10);
    succeeded(await create(images.eight.reference));
    assert.deepEqual(processes(), before);
  });

  test('a policy that names a trust root which there is not is not taken, and takes no server down', async () => {
    const before = processes();
    const reloaded = (result: string) =>
      untilTrue(`the reload of both: ${result}`, async () =>
        (await readiness()).every(({ ready, policy }) => ready && policy.lastReload === result),
      );
    const trust = trustFor(10);
    const policies = { 'shop.yaml': policyOver(here.registry.host, 'elsewhere') };
    succeeded(await here.helm('upgrade', { trust, policies }));
    await reloaded('error');
    const why = /TRUST_ROOT_UNKNOWN.*\\"elsewhere\\", wanted one of the Config: .*\\"acme\\"/;
    await untilTrue('both say why', async () =>
      here.kubelet.pods().every(({ output }) => why.test(output())),
    );
    succeeded(await create(images.eight.reference));
    assert.match((await create(images.seven.reference)).stderr, /IDENTITY_MISMATCH/);

    succeeded(await here.helm('upgrade', { trust }));
    await reloaded('ok');
    assert.deepEqual(processes(), before);
  });

  test('a policy and the trust root that it names come with one upgrade', async () => {
    const roots = { ...trustFor(10, withoutAuthority).roots, other: trustFor(10).roots.acme };
    const policies = { 'shop.yaml': policyOver(here.registry.host, 'other') };
    const wait = ['--wait', '--timeout', '60s'];
    succeeded(await here.helm('upgrade', { trust: { roots }, policies }, wait));
    const { eight } = images;
    await untilTrue('the new ones answer', async () => (await create(eight.reference)).exitCode === 0);
    assert.match((await create(images.seven.reference)).stderr, /IDENTITY_MISMATCH/);
  });

  test('for all of this nobody but the registry was asked', async () => {
    const asked = () => proxy.asked.map(({ authority }) => authority);
    assert.deepEqual(asked(), []);
    assert.match((await create(`${AFAR}/shop:1`)).stderr, /PROXY/, 'whoever is asked would have been seen');
    assert.equal(asked()[0], `${AFAR}:443`);
  });
});

/** Builds that differ in who signed them, and in what is attested of them. */
function pushBuilds(registry: TestRegistry) {
  const build = (name: string, tag: string, identity: TestIdentity, ref?: string) => {
    const image = registry.pushImage(`acme/${name}`, { tag });
    signImageKeyless(registry, image, SIGSTORE, identity);
    const predicate = { buildDefinition: { ref } };
    if (ref !== undefined)
      attestImage(registry, image, SIGSTORE, { identity, predicateType: PROVENANCE, predicate });
    return image;
  };
  const sourceRepositoryURI = 'https://github.com/mallory/shop';
  const borrower = { ...PIPELINE, claims: { ...PIPELINE.claims, sourceRepositoryURI } };
  return {
    seven: build('shop', 'build-7', PERSON),
    eight: build('shop', 'build-8', PIPELINE),
    borrowed: build('shop', 'build-9', borrower),
    bare: build('attested', '1', PIPELINE),
    branch: build('attested', '2', PIPELINE, 'refs/heads/try'),
    attested: build('attested', '3', PIPELINE, 'refs/heads/main'),
  };
}

/** How often a process began to listen: a Pod keeps its name when its process ends and comes back. */
function starts(output: string): number {
  return output.split('"msg":"listening"').length - 1;
}
