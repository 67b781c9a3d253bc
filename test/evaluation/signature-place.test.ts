// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { passwordCredential } from '../../src/registry/index.ts';
import {
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { acmePolicy, acmeWorld, judgeImage, KEYS } from '../support/acme-rules.ts';
import { testFacts } from '../support/facts.ts';
import type { TestWorld } from '../support/world.ts';

const USER = { username: 'reader', password: 'secret' };

for (const referrers of [true, false]) {
  describe(`signatures elsewhere, ${referrers ? 'referrers API' : 'fallback tag'}`, () => {
    let registry: TestRegistry;
    let world: TestWorld;
    let image: TestImage;
    let count = 0;

    before(async () => {
      registry = await startTestRegistry({ referrers });
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
    const judge = () => judgeImage(world.deps, image.pinned);
    /** Signs for the image, and stores that in another repository, as `COSIGN_REPOSITORY` does. */
    const at = (repository: string) => ({ ...image, repository });
    const named = () => ({ dockerReference: `${registry.host}/acme/web` });
    const ELSEWHERE = () => `require: release, signatures: { repository: "${registry.host}/sigs/all" }`;

    for (const [store, sign] of [
      ['a .sig tag', () => signLegacy(registry, at('sigs/all'), KEYS.release, named())],
      ['a bundle', () => signBundle(registry, at('sigs/all'), KEYS.release)],
      [
        'a legacy referrer',
        () => signLegacy(registry, at('sigs/all'), KEYS.release, { ...named(), storage: 'referrer' }),
      ],
    ] as const) {
      test(`${store} in the other repository counts, and the image's own is not asked`, async () => {
        start(ELSEWHERE());
        sign();
        assert.equal((await judge()).code, 'VERIFIED');
        assert.deepEqual(
          registry.requests.filter(({ path }) => path.includes('/acme/web/')),
          [],
        );
        registry.clearRequests();
        assert.equal((await judge()).code, 'VERIFIED');
        assert.equal(registry.requests.length, 0, 'a warm answer makes no request');
      });
    }

    test('a signature in the own repository does not count, nor one for another digest', async () => {
      start(ELSEWHERE());
      signLegacy(registry, image, KEYS.release);
      signBundle(registry, image, KEYS.release);
      const unsigned = await judge();
      assert.equal(unsigned.code, 'UNSIGNED');
      assert.match(unsigned.message, /in either store of 127\.0\.0\.1:\d+\/sigs\/all/);

      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      const other = registry.pushImage('acme/web', { content: 'another' });
      signLegacy(registry, at('sigs/all'), KEYS.release, { payloadDigest: other.digest });
      assert.equal((await judge()).code, 'PAYLOAD_DIGEST_MISMATCH');
    });

    test('signedIdentity is the repository of the image, not of the signatures', async () => {
      const rule = `require: strict, signatures: { repository: "${registry.host}/sigs/all" }`;
      start(rule);
      signLegacy(registry, at('sigs/all'), KEYS.release);
      assert.equal((await judge()).code, 'IDENTITY_MISMATCH');
      signLegacy(registry, at('sigs/all'), KEYS.release, named());
      await world.close();
      start(rule);
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('tagPrefix: the tag with the prefix counts, the plain one does not; referrers have none', async () => {
      start('require: release, signatures: { tagPrefix: "prod-" }');
      const { tag = '', digest } = signLegacy(registry, image, KEYS.release);
      const plain = await judge();
      assert.equal(plain.code, 'UNSIGNED');
      assert.match(plain.message, /own repository, under tags prod-sha256-/);
      registry.tag('acme/web', `prod-${tag}`, digest);
      registry.deleteTag('acme/web', tag);
      await world.close();
      start('require: release, signatures: { tagPrefix: "prod-" }');
      assert.equal((await judge()).code, 'VERIFIED');
      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      signBundle(registry, image, KEYS.release);
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('each document looks in its own place, and one does not satisfy the other', async () => {
      start(ELSEWHERE(), 'require: security');
      signLegacy(registry, at('sigs/all'), KEYS.release, named());
      signLegacy(registry, image, KEYS.security);
      const both = await judge();
      assert.equal(both.code, 'VERIFIED');
      assert.deepEqual(
        both.outcomes.map(({ signer, status }) => [signer, status]),
        [
          ['release', 'verified'],
          ['security', 'verified'],
        ],
      );

      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      signLegacy(registry, image, KEYS.release);
      signLegacy(registry, image, KEYS.security);
      const swapped = await judge();
      assert.deepEqual(
        swapped.policies.map(({ code }) => code),
        ['UNSIGNED', 'VERIFIED'],
      );
    });

    test('two documents that look in one place cost as much as one', async () => {
      signBundle(registry, at('sigs/all'), KEYS.release);
      start(ELSEWHERE());
      await judge();
      await world.close();
      registry.clearRequests();
      start(ELSEWHERE());
      await judge();
      const cost = registry.requests.length;
      await world.close();
      registry.clearRequests();
      start(ELSEWHERE(), ELSEWHERE());
      assert.equal((await judge()).code, 'VERIFIED');
      assert.equal(registry.requests.length, cost);
    });

    test('a new policy that looks elsewhere holds from the next request on', async () => {
      start('require: release');
      signLegacy(registry, image, KEYS.release);
      assert.equal((await judge()).code, 'VERIFIED');
      world.setPolicies([acmePolicy(registry.host, ELSEWHERE())]);
      assert.equal((await judge()).code, 'UNSIGNED');
      world.setPolicies([acmePolicy(registry.host, 'require: release, signatures: { tagPrefix: p }')]);
      assert.equal((await judge()).code, 'UNSIGNED');
      world.setPolicies([acmePolicy(registry.host, 'require: release')]);
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('a place that cannot be asked is inconclusive, whatever the own repository holds', async () => {
      start(ELSEWHERE());
      signLegacy(registry, image, KEYS.release);
      registry.fault({ kind: 'status', status: 503, match: { path: /\/sigs\/all\// } });
      const { verdict, code } = await judge();
      assert.deepEqual([verdict, code], ['inconclusive', 'REGISTRY_ERROR']);
    });

    test('what is signed there after a denial is found within seconds', async () => {
      start(ELSEWHERE());
      assert.equal((await judge()).code, 'UNSIGNED');
      signLegacy(registry, at('sigs/all'), KEYS.release, named());
      const { now } = performance;
      performance.now = () => now.call(performance) + 3_100;
      try {
        assert.equal((await judge()).code, 'VERIFIED');
      } finally {
        performance.now = now;
      }
    });
  });
}

test('the credential is that of the repository of the signatures', async () => {
  const images = await startTestRegistry();
  const signatures = await startTestRegistry({ auth: { kind: 'basic', users: [USER] } });
  const seen: string[] = [];
  const facts = testFacts({
    credentials: {
      find: ({ registry }) => {
        seen.push(registry);
        return registry === signatures.host ? [passwordCredential(USER.username, USER.password)] : [];
      },
      warnings: [],
    },
  });
  const image = images.pushImage('acme/web');
  signLegacy(signatures, { ...image, repository: 'sigs/all' }, KEYS.release);
  const rule = `require: release, signatures: { repository: "${signatures.host}/sigs/all" }`;
  const world = acmeWorld(images.host, rule);
  try {
    assert.equal((await judgeImage({ ...world.deps, facts }, image.pinned)).code, 'VERIFIED');
    assert.deepEqual([...new Set(seen)], [signatures.host]);
    assert.equal(images.requests.length, 0);
  } finally {
    await Promise.all([facts.close(), world.close(), images.close(), signatures.close()]);
  }
});
