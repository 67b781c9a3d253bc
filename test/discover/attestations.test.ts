// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Discovery, Place } from '../../src/discover/index.ts';
import { parseImageReference, pinImage } from '../../src/image/index.ts';
import { LIMITS } from '../../src/limits.ts';
import {
  createTestKey,
  type SignableImage,
  signAttestation,
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { testExchange, testFacts } from '../support/facts.ts';

const KEY = createTestKey('ecdsa-p256');
const SBOM = 'https://spdx.dev/Document';

function placeOf(image: TestImage, more: Partial<Place> = {}): Place {
  const reference = parseImageReference(image.pinned);
  assert.ok(reference.digest);
  return { ...pinImage(reference, reference.digest), ...more };
}

const attested = (image: TestImage, more: Partial<Place> = {}) =>
  placeOf(image, { attestations: true, ...more });

/** `tag envelope`, sorted; what could not be read with its code. */
function kindsOf(found: Pick<Discovery, 'candidates'> | undefined): string[] | undefined {
  return found?.candidates
    .map((one) => `${one.storage} ${one.kind === 'unreadable' ? one.code : one.kind}`)
    .sort();
}

const large = (size = LIMITS.signatureBundleBytes) => ({
  predicateType: SBOM,
  predicate: { text: 'x'.repeat(size) },
});

for (const referrers of [true, false]) {
  describe(`attestations ${referrers ? 'with the referrers API' : 'with the fallback tag'}`, () => {
    let registry: TestRegistry;
    let facts: ReturnType<typeof testFacts>;
    let image: TestImage;
    let count = 0;

    before(async () => {
      registry = await startTestRegistry({ referrers });
    });
    beforeEach(() => {
      facts = testFacts();
      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      registry.clearRequests();
      registry.clearFaults();
    });
    afterEach(() => facts.close());
    after(() => registry.close());

    test('nothing is asked for them, and nothing large read, where none is wanted', async () => {
      signLegacy(registry, image, KEY);
      signAttestation(registry, image, KEY, { predicateType: SBOM });
      signBundle(registry, image, KEY, large());
      const found = await facts.discover(placeOf(image), testExchange());
      assert.equal(found.attestations, undefined);
      assert.deepEqual(kindsOf(found), ['referrer NOT_A_SIGNATURE', 'tag simple-signing']);
      assert.ok(!registry.requests.some(({ path }) => path.endsWith('.att')));
    });

    test('the tag and all bundles are read where they are wanted, at one request more', async () => {
      signLegacy(registry, image, KEY);
      await facts.discover(placeOf(image), testExchange());
      const cost = registry.requests.length;
      const fresh = testFacts();
      registry.clearRequests();
      const found = await fresh.discover(attested(image), testExchange());
      assert.equal(registry.requests.length, cost + 1);
      assert.deepEqual(kindsOf(found.attestations), []);
      registry.clearRequests();
      await fresh.discover(attested(image), testExchange());
      assert.equal(registry.requests.length, 0, 'remembered');
      await fresh.close();
    });

    test('what is an attestation by its place is no candidate for a signature, and the reverse', async () => {
      signLegacy(registry, image, KEY);
      signLegacy(registry, image, createTestKey('ecdsa-p256'), { storage: 'referrer' });
      signAttestation(registry, image, KEY, { predicateType: SBOM });
      signAttestation(registry, image, KEY, { predicateType: 'https://slsa.dev/provenance/v1' });
      signBundle(registry, image, KEY, { predicateType: SBOM });
      signBundle(registry, image, KEY, large());
      const found = await facts.discover(attested(image), testExchange());
      assert.deepEqual(kindsOf(found), [
        'referrer NOT_A_SIGNATURE',
        'referrer bundle',
        'referrer simple-signing',
        'tag simple-signing',
      ]);
      assert.deepEqual(kindsOf(found.attestations), [
        'referrer bundle',
        'referrer bundle',
        'tag envelope',
        'tag envelope',
      ]);
      assert.deepEqual(found.attestations?.failures, []);
    });

    test('facts with and without attestations are kept apart', async () => {
      signAttestation(registry, image, KEY, { predicateType: SBOM });
      signBundle(registry, image, KEY, large());
      const kinds = async (place: Place) => {
        const found = await facts.discover(place, testExchange());
        return [kindsOf(found)?.length, kindsOf(found.attestations)?.length];
      };
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual(await kinds(placeOf(image)), [1, undefined]);
        assert.deepEqual(await kinds(attested(image)), [1, 2]);
      }
    });

    test('a store that cannot be asked fails what is looked for in it, and nothing else', async () => {
      signLegacy(registry, image, KEY);
      signAttestation(registry, image, KEY, { predicateType: SBOM });
      for (const [path, signatures, attestations] of [
        [/\.att$/, [], ['tag']],
        [/\.sig$/, ['tag'], []],
        [referrers ? /\/referrers\// : /manifests\/sha256-[0-9a-f]+$/, ['referrer'], ['referrer']],
      ] as const) {
        const fault = registry.fault({ kind: 'status', status: 500, match: { path } });
        const found = await facts.discover(attested(image), testExchange());
        const storages = [found, found.attestations].map((one) => one?.failures.map((each) => each.storage));
        assert.deepEqual(storages, [signatures, attestations]);
        fault.remove();
        await facts.close();
        facts = testFacts();
      }
    });

    test('an envelope that cannot be read spoils no other, and is asked for again', async () => {
      const { descriptor } = signAttestation(registry, image, KEY, { predicateType: SBOM });
      signAttestation(registry, image, KEY, { predicateType: SBOM, predicate: 2 });
      const fault = registry.fault({
        kind: 'status',
        status: 404,
        match: { path: new RegExp(descriptor.digest) },
      });
      const kinds = async () => kindsOf((await facts.discover(attested(image), testExchange())).attestations);
      assert.deepEqual(await kinds(), ['tag BLOB_NOT_FOUND', 'tag envelope']);
      fault.remove();
      assert.deepEqual(await kinds(), ['tag envelope', 'tag envelope']);
    });

    test('one larger than any may be is named, and not read', async () => {
      signAttestation(registry, image, KEY, {
        predicateType: SBOM,
        envelope: Buffer.alloc(LIMITS.envelopeBytes + 1),
      });
      signBundle(registry, image, KEY, large(LIMITS.bundleBytes));
      registry.clearRequests();
      const found = await facts.discover(attested(image), testExchange());
      assert.deepEqual(kindsOf(found.attestations), ['referrer LIMIT_EXCEEDED', 'tag LIMIT_EXCEEDED']);
      assert.ok(!registry.requests.some(({ kind }) => kind === 'blob'));
    });

    test('the same layer twice is one candidate', async () => {
      for (let round = 0; round < 2; round += 1) {
        signAttestation(registry, image, KEY, { predicateType: SBOM, envelope: '{}' });
      }
      const found = await facts.discover(attested(image), testExchange());
      assert.deepEqual(kindsOf(found.attestations), ['tag envelope']);
    });

    test('another repository and another prefix of the tag are where attestations are looked for, too', async () => {
      const elsewhere: SignableImage = { ...image, repository: 'sigs/all' };
      const { digest } = signAttestation(registry, elsewhere, KEY, { predicateType: SBOM });
      const manifest = registry.manifest('sigs/all', digest);
      assert.ok(manifest);
      const tag = `x-${image.digest.replace(':', '-')}.att`;
      registry.putManifest('sigs/all', manifest.bytes, { tag });
      const other = parseImageReference(`${registry.host}/sigs/all@${image.digest}`);
      const place = { ...attested(image), ...pinImage(other, placeOf(image).digest) };
      for (const tagPrefix of [undefined, 'x-']) {
        const found = await facts.discover(
          { ...place, ...(tagPrefix === undefined ? {} : { tagPrefix }) },
          testExchange(),
        );
        assert.deepEqual(kindsOf(found.attestations), ['tag envelope']);
      }
      const found = await facts.discover({ ...place, tagPrefix: 'y-' }, testExchange());
      assert.deepEqual(kindsOf(found.attestations), []);
    });
  });
}

test('where it is not known as whom to ask, neither kind was looked for', async () => {
  const credentials = { find: () => [], ready: () => Promise.reject(new Error('no')), warnings: [] };
  const own = testFacts({ credentials });
  const place = parseImageReference(`registry.example/acme/web@sha256:${'0'.repeat(64)}`);
  assert.ok(place.digest);
  const found = await own.discover({ ...pinImage(place, place.digest), attestations: true }, testExchange());
  assert.equal(found.failures.length, 2);
  assert.equal(found.attestations?.failures.length, 2);
  await own.close();
});
