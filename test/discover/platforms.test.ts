// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { type PinnedImage, parseImageReference, pinImage } from '../../src/image/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { startTestRegistry, type TestImage, type TestRegistry } from '../../src/testing/index.ts';
import { testExchange, testFacts } from '../support/facts.ts';

function pinned(image: Pick<TestImage, 'pinned'>): PinnedImage {
  const reference = parseImageReference(image.pinned);
  assert.ok(reference.digest);
  return pinImage(reference, reference.digest);
}

describe('the images below a digest', () => {
  let registry: TestRegistry;
  let facts: ReturnType<typeof testFacts>;
  let count = 0;

  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());
  beforeEach(() => {
    facts = testFacts();
    registry.clearFaults();
    registry.clearRequests();
  });
  afterEach(() => facts.close());

  const push = (format: 'oci' | 'docker' = 'oci') =>
    registry.pushImage('acme/web', { content: `image ${++count}`, format });
  const ask = async (image: Pick<TestImage, 'pinned'>) =>
    (await facts.platforms(pinned(image), testExchange())).children;

  for (const format of ['oci', 'docker'] as const) {
    test(`of an index, ${format}`, async () => {
      const [one, two] = [push(format), push(format)];
      assert.deepEqual(await ask(registry.pushIndex('acme/web', [one, two], { format })), [
        { digest: one.digest, platform: 'linux/amd64' },
        { digest: two.digest, platform: 'linux/arm64' },
      ]);
    });
  }

  test('a single manifest has none of its own', async () => {
    assert.equal(await ask(push()), undefined);
  });

  test('a second time nothing is asked, and there is no promise', async () => {
    const index = registry.pushIndex('acme/web', [push(), push()]);
    const first = await ask(index);
    registry.clearRequests();
    const again = facts.platforms(pinned(index), testExchange());
    assert.ok(!(again instanceof Promise));
    assert.deepEqual(again.children, first);
    assert.equal(registry.requests.length, 0);
  });

  test('fifty who ask at once cost as much as one: the index, and what it lists', async () => {
    const index = registry.pushIndex('acme/web', [push(), push()]);
    await Promise.all(Array.from({ length: 50 }, () => ask(index)));
    assert.equal(registry.requests.length, 3);
  });

  test('indexes inside are walked; a digest listed twice is one image', async () => {
    const [one, two] = [push(), push()];
    const inner = registry.pushIndex('acme/web', [one, two, one]);
    const children = await ask(registry.pushIndex('acme/web', [two, inner, inner, two]));
    assert.deepEqual(children?.map(({ digest }) => digest).sort(), [one.digest, two.digest].sort());
  });

  test('an index inside is found whatever its descriptor says', async () => {
    const one = push();
    const inner = registry.pushIndex('acme/web', [one]);
    const outer = registry.pushIndex('acme/web', [{ ...inner, mediaType: one.mediaType }]);
    assert.deepEqual(await ask(outer), [{ digest: one.digest, platform: 'linux/amd64' }]);
  });

  test('indexes nested too deep, and too many images', async () => {
    let nested: TestImage = push();
    for (let depth = 0; depth < LIMITS.indexDepth; depth += 1)
      nested = registry.pushIndex('acme/web', [nested]);
    assert.equal((await ask(nested))?.length, 1);
    await assert.rejects(ask(registry.pushIndex('acme/web', [nested])), { code: 'LIMIT_EXCEEDED' });

    const images = Array.from({ length: LIMITS.platforms + 1 }, () => push());
    assert.equal((await ask(registry.pushIndex('acme/web', images.slice(1))))?.length, LIMITS.platforms);
    registry.clearRequests();
    await assert.rejects(ask(registry.pushIndex('acme/web', images)), { code: 'LIMIT_EXCEEDED' });
    assert.equal(registry.requests.length, 1, 'refused before any of them is read');
  });

  test('an index that is not there, and a child that is not', async () => {
    const gone = `${registry.host}/acme/web@sha256:${'0'.repeat(64)}`;
    await assert.rejects(ask({ pinned: gone }), { code: 'IMAGE_NOT_FOUND' });
    const child = { ...push(), digest: `sha256:${'1'.repeat(64)}` } as const;
    await assert.rejects(ask(registry.pushIndex('acme/web', [push(), child])), { code: 'BLOB_NOT_FOUND' });
  });

  test('a failure is not remembered', async () => {
    const index = registry.pushIndex('acme/web', [push()]);
    const fault = registry.fault({ kind: 'status', status: 500 });
    await assert.rejects(ask(index), { code: 'REGISTRY_ERROR' });
    fault.remove();
    assert.equal((await ask(index))?.length, 1);
  });

  test('what another repository holds is asked there', async () => {
    const index = registry.pushIndex('acme/web', [push()]);
    await ask(index);
    const elsewhere = `${registry.host}/acme/other@${index.digest}`;
    await assert.rejects(ask({ pinned: elsewhere }), { code: 'IMAGE_NOT_FOUND' });
  });
});
