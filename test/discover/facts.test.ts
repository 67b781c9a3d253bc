// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { BYTES_UNDER_WAY } from '../../src/discover/index.ts';
import { CountersignError } from '../../src/errors.ts';
import { type PinnedImage, parseImageReference, pinImage } from '../../src/image/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { type Exchange, passwordCredential } from '../../src/registry/index.ts';
import { tenant } from '../../src/sharing/index.ts';
import {
  createTestKey,
  makeLegacyLayer,
  makeLegacyManifest,
  makeLegacyPayload,
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { testExchange, testFacts } from '../support/facts.ts';

const KEY = createTestKey('ecdsa-p256');

function pinned(image: TestImage): PinnedImage {
  const reference = parseImageReference(image.pinned);
  assert.ok(reference.digest);
  return pinImage(reference, reference.digest);
}

for (const referrers of [true, false]) {
  describe(`discovery ${referrers ? 'with the referrers API' : 'with the fallback tag'}`, () => {
    let registry: TestRegistry;
    let facts: ReturnType<typeof testFacts>;
    let count = 0;
    const push = () => registry.pushImage('acme/web', { content: `image ${++count}` });

    before(async () => {
      registry = await startTestRegistry({ referrers });
    });
    beforeEach(() => {
      facts = testFacts();
      registry.clearRequests();
    });
    afterEach(() => facts.close());
    after(() => registry.close());

    test('finds nothing in two empty stores', async () => {
      const found = await facts.discover(pinned(push()), testExchange());
      assert.deepEqual(found.candidates, []);
      assert.deepEqual(found.failures, []);
    });

    test('finds legacy signatures, bundles and legacy signatures stored as referrers', async () => {
      const image = push();
      signLegacy(registry, image, KEY);
      signLegacy(registry, image, createTestKey('ecdsa-p256'));
      signLegacy(registry, image, createTestKey('ecdsa-p256'), { storage: 'referrer' });
      signBundle(registry, image, KEY);
      const { candidates } = await facts.discover(pinned(image), testExchange());
      const kinds = candidates.map(({ kind, storage }) => `${storage} ${kind}`).sort();
      assert.deepEqual(kinds, [
        'referrer bundle',
        'referrer simple-signing',
        'tag simple-signing',
        'tag simple-signing',
      ]);
    });

    test('one signature in both stores is one candidate', async () => {
      const image = push();
      const payload = makeLegacyPayload({
        digest: image.digest,
        dockerReference: `${registry.host}/acme/web`,
      });
      const layer = makeLegacyLayer(payload, KEY);
      registry.putBlob('acme/web', payload);
      const { manifest, config } = makeLegacyManifest([layer.descriptor]);
      registry.putBlob('acme/web', config);
      registry.putManifest('acme/web', manifest, { tag: `${image.digest.replace(':', '-')}.sig` });
      signLegacy(registry, image, KEY, {
        storage: 'referrer',
        payload,
        signature: layer.descriptor.annotations?.['dev.cosignproject.cosign/signature'] ?? '',
      });
      const { candidates } = await facts.discover(pinned(image), testExchange());
      assert.equal(candidates.length, 1);
    });

    test('the second discovery of a digest asks nothing', async () => {
      const image = push();
      signLegacy(registry, image, KEY);
      await facts.discover(pinned(image), testExchange());
      registry.clearRequests();
      const again = await facts.discover(pinned(image), testExchange());
      assert.equal(registry.requests.length, 0);
      assert.equal(again.candidates.length, 1);
    });

    test('fifty who ask at once cost as much as one', async () => {
      const [one, fifty] = [push(), push()];
      for (const image of [one, fifty]) signBundle(registry, image, KEY);
      await facts.discover(pinned(one), testExchange());
      const cost = registry.requests.length;
      registry.clearRequests();
      const fresh = testFacts();
      await Promise.all(Array.from({ length: 50 }, () => fresh.discover(pinned(fifty), testExchange())));
      assert.equal(registry.requests.length, cost);
      await fresh.close();
    });

    test('a store that cannot be asked is a failure, the other one still answers', async () => {
      const image = push();
      signLegacy(registry, image, KEY);
      const path = referrers ? /\/referrers\// : /manifests\/sha256-[0-9a-f]+$/;
      const fault = registry.fault({ kind: 'status', status: 500, match: { path } });
      const found = await facts.discover(pinned(image), testExchange());
      assert.equal(found.candidates.length, 1);
      assert.deepEqual(
        found.failures.map(({ storage, code }) => [storage, code]),
        [['referrer', 'REGISTRY_ERROR']],
      );
      fault.remove();
      const again = await facts.discover(pinned(image), testExchange());
      assert.deepEqual(again.failures, [], 'a failure is not remembered');
    });

    test('a listed signature whose blob is gone is unreadable, and asked for again', async () => {
      const image = push();
      signLegacy(registry, image, KEY);
      const fault = registry.fault({ kind: 'status', status: 404, match: { kind: 'blob' } });
      const found = await facts.discover(pinned(image), testExchange());
      assert.deepEqual(
        found.candidates.map((one) => one.kind === 'unreadable' && one.code),
        ['BLOB_NOT_FOUND'],
      );
      fault.remove();
      const again = await facts.discover(pinned(image), testExchange());
      assert.deepEqual(
        again.candidates.map((one) => one.kind),
        ['simple-signing'],
      );
    });

    test('facts older than asked for are asked again', async () => {
      const image = push();
      await facts.discover(pinned(image), testExchange());
      signLegacy(registry, image, KEY);
      assert.equal((await facts.discover(pinned(image), testExchange())).candidates.length, 0);
      assert.equal((await facts.discover(pinned(image), testExchange(), 0)).candidates.length, 1);
    });
  });
}

test('that a repository has no referrers API is learned once it answered with content', async () => {
  const registry = await startTestRegistry({ referrers: false });
  const facts = testFacts();
  const [unsigned, first, second] = ['0', '1', '2'].map((content) =>
    registry.pushImage('acme/web', { content }),
  );
  assert.ok(unsigned && first && second);
  for (const image of [first, second]) signLegacy(registry, image, KEY);
  const asked = async (image: TestImage) => {
    registry.clearRequests();
    await facts.discover(pinned(image), testExchange());
    return registry.requests.filter((request) => request.kind === 'referrers').length;
  };
  assert.equal(await asked(unsigned), 1, 'nothing known');
  assert.equal(await asked(first), 1, 'an empty repository taught nothing');
  assert.equal(await asked(second), 0, 'learned from the signed image');
  await facts.close();
  await registry.close();
});

test('an answer of another content type leads to the fallback tag, and teaches nothing', async () => {
  const registry = await startTestRegistry();
  const facts = testFacts();
  const [first, second] = ['1', '2'].map((content) => registry.pushImage('acme/web', { content }));
  assert.ok(first && second);
  for (const image of [first, second]) {
    signLegacy(registry, image, KEY);
    signBundle(registry, image, KEY);
  }
  const fault = registry.fault({
    kind: 'body',
    body: '<html>',
    contentType: 'text/html',
    match: { kind: 'referrers' },
  });
  assert.equal((await facts.discover(pinned(first), testExchange())).candidates.length, 1);
  fault.remove();
  assert.equal((await facts.discover(pinned(second), testExchange())).candidates.length, 2);
  await facts.close();
  await registry.close();
});

test('the type that a list claims is not believed', async () => {
  const registry = await startTestRegistry({ referrers: { artifactType: 'config', filter: false } });
  const facts = testFacts();
  const image = registry.pushImage('acme/web');
  signBundle(registry, image, KEY);
  const { candidates } = await facts.discover(pinned(image), testExchange());
  assert.deepEqual(
    candidates.map((one) => one.kind),
    ['bundle'],
  );
  await facts.close();
  await registry.close();
});

test('a large bundle that calls itself an attestation is not read; one that calls itself a signature is', async () => {
  const registry = await startTestRegistry();
  const facts = testFacts();
  const image = registry.pushImage('acme/web');
  const large = { filler: 'x'.repeat(LIMITS.signatureBundleBytes) };
  signBundle(registry, image, KEY);
  signBundle(registry, image, KEY, { predicateType: 'https://spdx.dev/Document', predicate: large });
  registry.clearRequests();
  const { candidates } = await facts.discover(pinned(image), testExchange());
  assert.deepEqual(candidates.map((one) => (one.kind === 'unreadable' ? one.code : one.kind)).sort(), [
    'NOT_A_SIGNATURE',
    'bundle',
  ]);
  assert.equal(registry.requests.filter((request) => request.kind === 'blob').length, 1);
  registry.clearRequests();
  await facts.discover(pinned(image), testExchange());
  assert.equal(registry.requests.length, 0, 'what was told is remembered');
  const liar = registry.pushImage('acme/web', { content: 'liar' });
  signBundle(registry, liar, KEY, { predicate: large });
  const read = await facts.discover(pinned(liar), testExchange());
  assert.deepEqual(
    read.candidates.map((one) => one.kind),
    ['bundle'],
  );
  await facts.close();
  await registry.close();
});

test('more referrers than the limit are a failure, not "nothing found"', async () => {
  const registry = await startTestRegistry();
  const facts = testFacts();
  const image = registry.pushImage('acme/web');
  const subject = { mediaType: image.mediaType, digest: image.digest, size: image.size };
  for (let index = 0; index <= LIMITS.referrers; index += 1) {
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      layers: [],
      subject,
      annotations: { index: `${index}` },
    };
    registry.putManifest('acme/web', JSON.stringify(manifest));
  }
  const { candidates, failures } = await facts.discover(pinned(image), testExchange());
  assert.deepEqual(candidates, []);
  assert.deepEqual(
    failures.map(({ code }) => code),
    ['LIMIT_EXCEEDED'],
  );
  await facts.close();
  await registry.close();
});

test('a tag is remembered for its seconds, and not at all with 0', async () => {
  const registry = await startTestRegistry();
  for (const [tagSeconds, requests] of [
    [30, 1],
    [0, 2],
  ] as const) {
    const facts = testFacts({ tagSeconds });
    const image = registry.pushImage('acme/web', { tag: '1' });
    registry.clearRequests();
    const reference = parseImageReference(image.reference);
    const first = await facts.resolve(reference, '1', testExchange());
    const second = await facts.resolve(reference, '1', testExchange());
    assert.deepEqual([first.digest, second.digest], [image.digest, image.digest]);
    const isNewer = second.at > first.at;
    assert.equal(isNewer, tagSeconds === 0, 'what is remembered is as old as the answer of the registry');
    assert.equal(registry.requests.length, requests);
    await facts.close();
  }
  await registry.close();
});

test('a tag that is not there is not remembered', async () => {
  const registry = await startTestRegistry();
  const facts = testFacts();
  const reference = parseImageReference(`${registry.host}/acme/web:later`);
  await assert.rejects(facts.resolve(reference, 'later', testExchange()), { code: 'IMAGE_NOT_FOUND' });
  const image = registry.pushImage('acme/web', { tag: 'later' });
  assert.equal((await facts.resolve(reference, 'later', testExchange())).digest, image.digest);
  await facts.close();
  await registry.close();
});

describe('what is read of hostile stores', () => {
  let registry: TestRegistry;
  let facts: ReturnType<typeof testFacts>;

  beforeEach(async () => {
    registry = await startTestRegistry();
    facts = testFacts();
  });
  afterEach(async () => {
    await facts.close();
    await registry.close();
  });

  function putReferrer(image: TestImage, size: number): void {
    const subject = { mediaType: image.mediaType, digest: image.digest, size: image.size };
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const empty = JSON.stringify({ schemaVersion: 2, mediaType, layers: [], subject, x: '' });
    registry.putManifest('acme/web', empty.replace('"x":""', `"x":"${'x'.repeat(size - empty.length)}"`));
  }

  function putLayers(image: TestImage, annotations: readonly Record<string, string>[]): void {
    const payload = makeLegacyPayload({ digest: image.digest, dockerReference: '' });
    registry.putBlob('acme/web', payload);
    const { descriptor } = makeLegacyLayer(payload, KEY);
    const layers = annotations.map((more) => ({
      ...descriptor,
      annotations: { ...descriptor.annotations, ...more },
    }));
    const { manifest, config } = makeLegacyManifest(layers);
    registry.putBlob('acme/web', config);
    registry.putManifest('acme/web', manifest, { tag: `${image.digest.replace(':', '-')}.sig` });
  }

  test('the largest referrer is read; a larger one is not asked for, and not "no signature"', async () => {
    const image = registry.pushImage('acme/web');
    putReferrer(image, LIMITS.referrerManifestBytes);
    assert.deepEqual((await facts.discover(pinned(image), testExchange(), 0)).candidates, []);
    putReferrer(image, LIMITS.referrerManifestBytes + 1);
    registry.clearRequests();
    const { candidates } = await facts.discover(pinned(image), testExchange(), 0);
    assert.deepEqual(
      candidates.map((one) => one.kind === 'unreadable' && one.code),
      ['LIMIT_EXCEEDED'],
    );
    assert.equal(
      registry.requests.filter(({ kind }) => kind === 'manifest').length,
      2,
      'the tag, the smaller one',
    );
  });

  test('one signature listed with many other annotations is one candidate, without them', async () => {
    const image = registry.pushImage('acme/web');
    putLayers(image, [{ a: '1' }, { a: '2' }, {}]);
    const { candidates } = await facts.discover(pinned(image), testExchange());
    assert.deepEqual(
      candidates.map((one) => one.kind === 'simple-signing' && Object.keys(one.annotations)),
      [['dev.cosignproject.cosign/signature']],
    );
  });

  test('past the bytes under way a large image waits for its turn, and a small one does not', async () => {
    const image = registry.pushImage('acme/web');
    putReferrer(image, LIMITS.smallDiscoveryBytes + 1);
    signLegacy(registry, image, KEY);
    const small = registry.pushImage('acme/web', { content: 'small' });
    signLegacy(registry, small, KEY);
    const release = BYTES_UNDER_WAY.hold({}, LIMITS.discoveryBytesUnderWay, tenant('other'));
    let settled = false;
    const found = Promise.resolve(facts.discover(pinned(image), testExchange())).finally(() => {
      settled = true;
    });
    assert.equal((await facts.discover(pinned(small), testExchange())).candidates.length, 1);
    assert.equal(settled, false);
    release();
    assert.deepEqual(
      (await found).candidates.map(({ kind }) => kind),
      ['simple-signing'],
    );
    assert.equal(BYTES_UNDER_WAY.total, 0);
  });

  test('a large image waits no longer than its deadline, is inconclusive then, and holds nothing', async () => {
    const image = registry.pushImage('acme/web');
    putReferrer(image, LIMITS.smallDiscoveryBytes + 1);
    const release = BYTES_UNDER_WAY.hold({}, LIMITS.discoveryBytesUnderWay, tenant('other'));
    const late = { ...testExchange(), signal: AbortSignal.timeout(3_000) };
    const { failures } = await facts.discover(pinned(image), late);
    assert.deepEqual(
      failures.map(({ storage }) => storage),
      ['referrer'],
    );
    release();
    assert.equal(BYTES_UNDER_WAY.total, 0);
  });

  test('what was taken is given back, also by a discovery that fails', async () => {
    const image = registry.pushImage('acme/web');
    putReferrer(image, LIMITS.referrerManifestBytes);
    registry.fault({ kind: 'status', status: 500, match: { path: /\.sig$/ } });
    for (let round = 0; round < 3; round += 1) await facts.discover(pinned(image), testExchange(), 0);
    assert.equal(BYTES_UNDER_WAY.total, 0);
  });

  test('what one asker’s credentials found is neither remembered for another’s nor shared in flight', async () => {
    const image = registry.pushImage('acme/web', { tag: '1' });
    signLegacy(registry, image, KEY);
    const asker = (name: string): Exchange => ({
      ...testExchange(),
      credentials: { find: () => [passwordCredential(name, name)], warnings: [] },
    });
    const own = testFacts();
    const requests = async (exchanges: readonly Exchange[]) => {
      registry.clearRequests();
      await Promise.all(exchanges.map((one) => own.discover(pinned(image), one)));
      const first = registry.requests.length;
      await Promise.all(exchanges.map((one) => own.resolve(parseImageReference(image.reference), '1', one)));
      return [first, registry.requests.length - first];
    };
    const [discovery = 0, resolution = 0] = await requests([asker('a')]);
    assert.ok(discovery > 0 && resolution > 0);
    assert.deepEqual(await requests([asker('a'), asker('a')]), [0, 0]);
    assert.deepEqual(await requests([asker('b'), asker('c'), asker('b')]), [2 * discovery, 2 * resolution]);
    await own.close();
  });

  test('where it is not known as whom to ask, nobody is asked', async () => {
    const image = registry.pushImage('acme/web', { tag: '1' });
    const error = new CountersignError('REGISTRY_UNAUTHORIZED', 'the helper failed');
    const credentials = { find: () => [], ready: () => Promise.reject(error), warnings: [] };
    const own = testFacts({ credentials });
    registry.clearRequests();
    const { candidates, failures } = await own.discover(pinned(image), testExchange());
    assert.deepEqual(candidates, []);
    assert.deepEqual(
      failures.map(({ storage, code }) => `${storage} ${code}`),
      ['tag REGISTRY_UNAUTHORIZED', 'referrer REGISTRY_UNAUTHORIZED'],
    );
    await assert.rejects(own.resolve(parseImageReference(image.reference), '1', testExchange()), error);
    assert.equal(registry.requests.length, 0);
    await own.close();
  });

  test('what another credential found is not remembered as the first one’s', async () => {
    const image = registry.pushImage('acme/web', { tag: '1' });
    signLegacy(registry, image, KEY);
    const used = [[passwordCredential('a', 'a')], [passwordCredential('b', 'b')]];
    let finds = 0;
    // Replaced after the first look; everything is asked with the other one.
    const credentials = { find: () => used[finds++ === 0 ? 0 : 1] ?? [], warnings: [] };
    const own = testFacts({ credentials });
    for (let round = 0; round < 2; round += 1) {
      finds = 0;
      registry.clearRequests();
      const { candidates } = await own.discover(pinned(image), testExchange());
      assert.equal(candidates.length, 1);
      assert.ok(registry.requests.length > 0, `round ${round} asks`);
    }
    const reference = parseImageReference(image.reference);
    for (let round = 0; round < 2; round += 1) {
      finds = 0;
      registry.clearRequests();
      await own.resolve(reference, '1', testExchange());
      assert.equal(registry.requests.length, 1);
    }
    await own.close();
  });
});
