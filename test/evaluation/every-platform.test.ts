// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { BYTES_UNDER_WAY } from '../../src/discover/index.ts';
import { renderJson } from '../../src/report/index.ts';
import {
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { acmeWorld, judgeImage, KEYS } from '../support/acme-rules.ts';
import { eventually } from '../support/eventually.ts';
import type { TestWorld } from '../support/world.ts';

const EVERY = 'require: release, platforms: every';

describe('platforms: every', () => {
  let registry: TestRegistry;
  let world: TestWorld;
  let count = 0;

  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());
  beforeEach(() => {
    registry.clearFaults();
    registry.clearRequests();
  });
  afterEach(() => world?.close());

  const start = (...rules: string[]) => {
    world = acmeWorld(registry.host, ...rules);
  };
  const push = () => registry.pushImage('acme/web', { content: `image ${++count}` });
  const pushIndex = (...images: TestImage[]) => registry.pushIndex('acme/web', images);
  const judge = (image: TestImage, budgetMs?: number) => judgeImage(world.deps, image.pinned, budgetMs);

  test('every image of the index is signed, the index is not', async () => {
    start(EVERY);
    const [one, two] = [push(), push()];
    signLegacy(registry, one, KEYS.release);
    signBundle(registry, two, KEYS.release);
    const index = pushIndex(one, two);
    const found = await judge(index);
    assert.equal(found.code, 'VERIFIED');
    assert.equal(found.digest, index.digest, 'the index is what is pinned');
    assert.match(found.message, /^of each of 2 images of the index: wanted a signature by release/);
    assert.deepEqual(
      found.outcomes.map(({ digest, status }) => [digest, status]),
      [
        [one.digest, 'verified'],
        [two.digest, 'verified'],
      ],
    );
    registry.clearRequests();
    const again = await judge(index);
    assert.equal(again.code, 'VERIFIED');
    assert.equal(registry.requests.length, 0, 'a warm answer makes no request');
    assert.deepEqual(again.outcomes, found.outcomes);
    await world.close();
    start('require: release');
    assert.equal((await judge(index)).code, 'UNSIGNED', 'by default the index itself must be signed');
  });

  test('the index is signed, one of its images is not: which one is said, and what would help', async () => {
    start(EVERY);
    const [one, two] = [push(), push()];
    const index = pushIndex(one, two);
    signLegacy(registry, index, KEYS.release);
    signLegacy(registry, one, KEYS.release);
    const found = await judge(index);
    assert.equal(found.code, 'UNSIGNED');
    assert.ok(found.message.startsWith(`linux/arm64 (${two.digest}): wanted a signature by release`));
    assert.ok(found.hint.includes(`@${two.digest}`), found.hint);
    assert.equal(found.digest, index.digest);
  });

  test('a signature for the index counts for none of its images, nor one image’s for another', async () => {
    start(EVERY);
    const [one, two] = [push(), push()];
    signLegacy(registry, one, KEYS.release);
    const index = pushIndex(one, two);
    signLegacy(registry, two, KEYS.release, { payloadDigest: index.digest });
    assert.equal((await judge(index)).code, 'PAYLOAD_DIGEST_MISMATCH');
    const [three, four] = [push(), push()];
    signLegacy(registry, three, KEYS.release);
    signLegacy(registry, four, KEYS.release, { payloadDigest: three.digest });
    const found = await judge(pushIndex(three, four));
    assert.equal(found.code, 'PAYLOAD_DIGEST_MISMATCH');
    const rejected = found.outcomes.filter(({ status }) => status === 'rejected');
    assert.deepEqual(
      rejected.map(({ digest }) => digest),
      [four.digest],
    );
    const json = renderJson({
      apiVersion: 'countersign.dev/v1',
      kind: 'Report',
      allowed: false,
      images: [found],
    });
    assert.equal(JSON.parse(json).images[0].outcomes.at(-1).digest, four.digest);
  });

  test('two signers of two images are not both signers of each', async () => {
    start('require: { all: [release, security] }, platforms: every');
    const [one, two] = [push(), push()];
    signLegacy(registry, one, KEYS.release);
    signLegacy(registry, two, KEYS.security);
    assert.equal((await judge(pushIndex(one, two))).code, 'THRESHOLD_NOT_MET');
  });

  test('a single manifest is verified itself', async () => {
    start(EVERY);
    const image = push();
    assert.equal((await judge(image)).code, 'UNSIGNED');
    const signed = push();
    signLegacy(registry, signed, KEYS.release);
    const found = await judge(signed);
    assert.equal(found.code, 'VERIFIED');
    assert.equal(found.outcomes[0]?.digest, undefined);
  });

  test('signedIdentity is the repository of the image', async () => {
    start('require: strict, platforms: every');
    const [one, two] = [push(), push()];
    signLegacy(registry, one, KEYS.release);
    signLegacy(registry, two, KEYS.release, { dockerReference: `${registry.host}/acme/other` });
    assert.equal((await judge(pushIndex(one))).code, 'VERIFIED');
    assert.equal((await judge(pushIndex(one, two))).code, 'IDENTITY_MISMATCH');
  });

  test('signatures of the images in another repository, under a prefix', async () => {
    start(`${EVERY}, signatures: { repository: "${registry.host}/sigs/all", tagPrefix: p- }`);
    const [one, two] = [push(), push()];
    for (const image of [one, two]) {
      const there = { ...image, repository: 'sigs/all' };
      const { tag = '', digest } = signLegacy(registry, there, KEYS.release);
      registry.tag('sigs/all', `p-${tag}`, digest);
      registry.deleteTag('sigs/all', tag);
    }
    assert.equal((await judge(pushIndex(one, two))).code, 'VERIFIED');
    assert.ok(registry.requests.some(({ path }) => path.includes('/acme/web/manifests/')));
  });

  test('one document asks for the index, another for every image', async () => {
    start('require: security', EVERY);
    const [one, two] = [push(), push()];
    for (const image of [one, two]) signLegacy(registry, image, KEYS.release);
    const index = pushIndex(one, two);
    const codes = async () => (await judge(index)).policies.map(({ code }) => code);
    assert.deepEqual(await codes(), ['UNSIGNED', 'VERIFIED']);
    signLegacy(registry, index, KEYS.security);
    await world.close();
    start('require: security', EVERY);
    assert.deepEqual(await codes(), ['VERIFIED', 'VERIFIED']);
  });

  test('what cannot be asked is inconclusive, unless an image is known to be unsigned', async () => {
    const [one, two] = [push(), push()];
    signLegacy(registry, one, KEYS.release);
    signLegacy(registry, two, KEYS.release);
    const index = pushIndex(one, two);
    start(EVERY);
    const down = (path: RegExp) => registry.fault({ kind: 'status', status: 503, match: { path } });
    const top = down(new RegExp(index.digest));
    assert.deepEqual(
      [(await judge(index)).verdict, (await judge(index)).code],
      ['inconclusive', 'REGISTRY_ERROR'],
    );
    top.remove();
    const child = down(new RegExp(`${two.digest.slice(7)}.sig`));
    const found = await judge(index);
    assert.deepEqual([found.verdict, found.code], ['inconclusive', 'REGISTRY_ERROR']);
    assert.ok(found.message.includes(two.digest), found.message);
    const unsigned = await judge(pushIndex(two, push()));
    assert.deepEqual([unsigned.verdict, unsigned.code], ['rejected', 'UNSIGNED']);
    child.remove();
    assert.equal((await judge(index)).code, 'VERIFIED', 'a failure is not remembered');
  });

  test('too late is inconclusive', async () => {
    start(EVERY);
    const image = push();
    registry.fault({ kind: 'hang', match: { path: new RegExp(image.digest) } });
    const found = await judge(pushIndex(image), 300);
    assert.deepEqual([found.verdict, found.code], ['inconclusive', 'DEADLINE_EXCEEDED']);
  });

  test('what was found of one image counts while another is looked for, and is given back', async () => {
    start(EVERY);
    const [one, two] = [push(), push()];
    signBundle(registry, one, KEYS.release);
    const before = BYTES_UNDER_WAY.total;
    registry.fault({ kind: 'hang', match: { path: new RegExp(`${two.digest.slice(7)}.sig`) } });
    const index = pushIndex(one, two);
    registry.clearRequests();
    const judged = judge(index, 5000);
    const open = () => registry.requests.filter(({ endedAt }) => endedAt === undefined);
    // While the first image is read its bytes count anyway; by then it is only waited for the second.
    await eventually('all but one to be answered', () => registry.requests.length > 4 && open().length === 1);
    await setTimeout(300);
    const most = BYTES_UNDER_WAY.total;
    assert.ok(most > before + 1000, `${most} bytes`);
    assert.equal((await judged).verdict, 'inconclusive');
    assert.equal(BYTES_UNDER_WAY.total, before);
  });

  test('what is signed after a denial is found within seconds, image by image', async () => {
    start(EVERY);
    const [one, two] = [push(), push()];
    const index = pushIndex(one, two);
    signLegacy(registry, one, KEYS.release);
    assert.equal((await judge(index)).code, 'UNSIGNED');
    signLegacy(registry, two, KEYS.release);
    const { now } = performance;
    performance.now = () => now.call(performance) + 3_100;
    try {
      assert.equal((await judge(index)).code, 'VERIFIED');
    } finally {
      performance.now = now;
    }
  });

  test('requests: the index, each image once, both stores of each', async () => {
    start(EVERY);
    const images = [push(), push(), push()];
    const index = pushIndex(...images, ...images);
    for (const image of images) signLegacy(registry, image, KEYS.release);
    registry.clearRequests();
    const found = await judge(index);
    assert.equal(found.code, 'VERIFIED');
    assert.equal(registry.requests.length, 1 + 3 + 3 * 3);
    assert.equal(found.registryRequests, registry.requests.length);
  });
});
