// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import {
  createTestKey,
  signAttestation,
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestKey,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { acmeWorld, judgeImage, KEYS } from '../support/acme-rules.ts';
import type { TestWorld } from '../support/world.ts';

const TYPE = 'https://acme.example/scan/v1';
const OTHER = 'https://acme.example/other/v1';
const STRANGER = createTestKey('ecdsa-p256');

const wanting = (more = '', by = 'release') =>
  `attestations: [{ type: "${TYPE}", by: ${by}${more && `, ${more}`} }]`;
const CLEAN = 'where: predicate.findings == 0';

type Attest = (
  registry: TestRegistry,
  image: TestImage,
  key?: TestKey,
  predicate?: unknown,
  predicateType?: string,
) => void;

const STORES: readonly (readonly [string, Attest])[] = [
  [
    'the .att tag',
    (registry, image, key = KEYS.release, predicate = { findings: 0 }, predicateType = TYPE) => {
      signAttestation(registry, image, key, { predicateType, predicate });
    },
  ],
  [
    'a bundle',
    (registry, image, key = KEYS.release, predicate = { findings: 0 }, predicateType = TYPE) => {
      signBundle(registry, image, key, { predicateType, predicate });
    },
  ],
];

for (const [store, attest] of STORES) {
  describe(`attestations in ${store}`, () => {
    let registry: TestRegistry;
    let world: TestWorld;
    let image: TestImage;
    let count = 0;

    before(async () => {
      registry = await startTestRegistry();
    });
    after(() => registry.close());
    beforeEach(() => {
      registry.clearFaults();
      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      registry.clearRequests();
    });
    afterEach(() => world?.close());

    const start = (...rules: string[]) => {
      world = acmeWorld(registry.host, ...rules);
    };
    const judge = (at = image.pinned) => judgeImage(world.deps, at);
    const isBundle = store === 'a bundle';
    const DOWN = {
      kind: 'status',
      status: 500,
      match: { path: isBundle ? /\/referrers\// : /\.att$/ },
    } as const;

    test('one that the rule wants lets in, and warm without a request', async () => {
      start(wanting(CLEAN));
      attest(registry, image);
      assert.equal((await judge()).code, 'VERIFIED');
      registry.clearRequests();
      const { code, outcomes } = await judge();
      assert.equal(code, 'VERIFIED');
      assert.equal(registry.requests.length, 0);
      assert.deepEqual(
        outcomes.map(({ attestation, status }) => [attestation, status]),
        [[TYPE, 'verified']],
      );
    });

    test('none of the type is a rejection, of another type or of nobody who is named too', async () => {
      start(wanting());
      assert.equal((await judge()).code, 'ATTESTATION_MISSING');
      attest(registry, image, KEYS.release, {}, OTHER);
      await world.close();
      start(wanting());
      const missing = await judge();
      assert.equal(missing.code, 'ATTESTATION_MISSING');
      assert.ok(missing.message.endsWith(`found none of this type in either store, but "${OTHER}"`));
      attest(registry, image, STRANGER);
      await world.close();
      start(wanting());
      assert.equal((await judge()).code, 'SIGNATURE_INVALID');
    });

    test('one for another digest is none for this', async () => {
      start(wanting());
      const other = registry.pushImage('acme/web', { content: 'another' });
      const options = { predicateType: TYPE, subjectDigest: other.digest };
      if (isBundle) signBundle(registry, image, KEYS.release, options);
      else signAttestation(registry, image, KEYS.release, options);
      assert.equal((await judge()).code, 'PAYLOAD_DIGEST_MISMATCH');
    });

    test('an attestation never counts as a signature, nor a signature as an attestation', async () => {
      start('require: release');
      attest(registry, image);
      assert.notEqual((await judge()).verdict, 'verified');
      await world.close();
      start(`require: release, ${wanting()}`);
      const { verdict, code } = await judge();
      assert.equal(verdict, 'rejected');
      assert.equal(code, isBundle ? 'NOT_A_SIGNATURE' : 'UNSIGNED');
      await world.close();

      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      signLegacy(registry, image, KEYS.release);
      signBundle(registry, image, KEYS.release);
      start(wanting(), 'require: release');
      const report = await judge();
      assert.equal(report.code, 'ATTESTATION_MISSING');
      assert.deepEqual(
        report.policies.map((one) => one.code),
        ['ATTESTATION_MISSING', 'VERIFIED'],
      );
    });

    test('both must hold where a rule has both: each says its own', async () => {
      start(`require: security, ${wanting()}`);
      attest(registry, image);
      signLegacy(registry, image, KEYS.security);
      assert.equal((await judge()).code, 'VERIFIED');
      await world.close();
      start(`require: release, ${wanting()}`);
      assert.equal((await judge()).code, 'SIGNATURE_INVALID');
      await world.close();
      start(`require: security, ${wanting('', 'security')}`);
      assert.equal((await judge()).verdict, 'rejected');
    });

    test('every: one that fails keeps out, junk by a stranger does not', async () => {
      start(wanting(CLEAN));
      attest(registry, image);
      attest(registry, image, STRANGER, { findings: 9 });
      assert.equal((await judge()).code, 'VERIFIED');
      attest(registry, image, KEYS.release, { findings: 1 });
      await world.close();
      start(wanting(CLEAN));
      const { code, message } = await judge();
      assert.equal(code, 'ATTESTATION_REJECTED');
      assert.match(message, /predicate\.findings == 0/);
      await world.close();
      start(wanting(`${CLEAN}, quantifier: any`));
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('a where without a value is a no, and none that is another one is asked', async () => {
      start(wanting('where: predicate.absent.deeper == 1'));
      attest(registry, image);
      assert.equal((await judge()).code, 'WHERE_FAILED');
    });

    test('a where sees the image as it was asked about, and no memory answers for another tag', async () => {
      start(wanting('where: image.tag == "good"'));
      attest(registry, image);
      const [name = '', digest = ''] = image.pinned.split('@');
      const repository = name.replace(/:[^:/]+$/, '');
      for (const tag of ['good', 'bad']) registry.tag(image.repository, tag, image.digest);
      for (const [tag, code] of [
        [':good', 'VERIFIED'],
        [':bad', 'ATTESTATION_REJECTED'],
        [':good', 'VERIFIED'],
      ]) {
        assert.equal((await judge(`${repository}${tag}@${digest}`)).code, code);
      }
    });

    test('a where sees no tag that its image does not have: anybody can write one beside a digest', async () => {
      start(wanting('where: image.tag == "fine"'));
      attest(registry, image);
      const named = image.pinned.replace(/(:[^:/@]+)?@/, ':fine@');
      assert.equal((await judge(named)).code, 'IMAGE_NOT_FOUND');
      assert.equal((await judge()).code, 'ATTESTATION_REJECTED', 'a digest alone has no tag');
      const other = registry.pushImage('acme/web', { content: `other ${count}`, tag: 'fine' });
      await world.close();
      start(wanting('where: image.tag == "fine"'));
      assert.equal((await judge(named)).code, 'TAG_DIGEST_MISMATCH');
      await world.close();
      start(wanting('where: image.digest != "" && predicate.findings == 0'));
      registry.clearRequests();
      assert.equal((await judge(named)).code, 'VERIFIED');
      assert.ok(
        registry.requests.every(({ path }) => !path.endsWith('/fine')),
        'nobody asked for the tag',
      );
      registry.deleteTag('acme/web', 'fine');
      assert.notEqual(other.digest, image.digest);
    });

    test('a where that looks at the time is asked each time', async () => {
      start(wanting(`where: now < timestamp("2030-01-01T00:00:00Z")`));
      attest(registry, image);
      world.setNow(Date.parse('2029-12-31T23:59:00Z'));
      assert.equal((await judge()).code, 'VERIFIED');
      world.setNow(Date.parse('2030-01-01T00:00:00Z'));
      assert.equal((await judge()).code, 'ATTESTATION_REJECTED');
    });

    test('a store that could not be asked is inconclusive, and so is what cannot be read', async () => {
      start(wanting());
      const fault = registry.fault(DOWN);
      assert.equal((await judge()).verdict, 'inconclusive');
      fault.remove();
      attest(registry, image);
      assert.equal((await judge()).code, 'VERIFIED', 'a failure is not remembered');
      await world.close();
      start(wanting(CLEAN));
      const size = isBundle ? LIMITS.bundleBytes : LIMITS.envelopeBytes;
      attest(registry, image, STRANGER, 'x'.repeat(size));
      const report = await judge();
      assert.deepEqual([report.verdict, report.code], ['inconclusive', 'LIMIT_EXCEEDED']);
      await world.close();
      start(wanting(`${CLEAN}, quantifier: any`));
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('a statement past its bound is refused before anything is evaluated', async () => {
      start(wanting(CLEAN));
      attest(registry, image, KEYS.release, { findings: 0, text: 'x'.repeat(LIMITS.statementBytes) });
      const report = await judge();
      assert.deepEqual([report.verdict, report.code], ['inconclusive', 'LIMIT_EXCEEDED']);
    });

    test('a large one counts', async () => {
      start(wanting(CLEAN));
      attest(registry, image, KEYS.release, { findings: 0, text: 'x'.repeat(LIMITS.signatureBundleBytes) });
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('several attestations must all hold', async () => {
      const two = `attestations: [{ type: "${TYPE}", by: release }, { type: "${OTHER}", by: { all: [release, security] } }]`;
      start(two);
      attest(registry, image);
      attest(registry, image, KEYS.security, {}, OTHER);
      assert.equal((await judge()).code, 'THRESHOLD_NOT_MET');
      attest(registry, image, KEYS.release, {}, OTHER);
      await world.close();
      start(two);
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('elsewhere and per platform: each image below the index needs its own', async () => {
      const children = [1, 2].map((n) =>
        registry.pushImage('acme/web', { content: `${store} child ${count} ${n}` }),
      );
      const index = registry.pushIndex('acme/web', children);
      const rule = `${wanting(CLEAN)}, platforms: every, signatures: { repository: "${registry.host}/sigs/all" }`;
      start(rule);
      const [first, second] = children;
      assert.ok(first && second);
      attest(registry, { ...first, repository: 'sigs/all' });
      attest(registry, second);
      const missing = await judge(index.pinned);
      assert.equal(missing.code, 'ATTESTATION_MISSING');
      assert.match(missing.message, /in either store of 127\.0\.0\.1:\d+\/sigs\/all$/);
      attest(registry, { ...second, repository: 'sigs/all' });
      await world.close();
      start(rule);
      const report = await judge(index.pinned);
      assert.equal(report.code, 'VERIFIED', report.message);
      assert.deepEqual(
        report.outcomes.map(({ digest }) => digest),
        [first.digest, second.digest],
      );
    });

    test('what is asked is one request more, once for all rules', async () => {
      start('require: release');
      signLegacy(registry, image, KEYS.release);
      await judge();
      const cost = registry.requests.length;
      await world.close();
      start('require: release', `require: release, ${wanting()}`, wanting(CLEAN));
      registry.clearRequests();
      await judge();
      assert.equal(registry.requests.length, cost + 1);
    });
  });
}
