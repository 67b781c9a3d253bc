// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestTag } from '../../src/image/index.ts';
import { LIMITS } from '../../src/limits.ts';
import {
  makeLegacyLayer,
  makeLegacyManifest,
  makeLegacyPayload,
  signBundle,
  signLegacy,
  startTestRegistry,
} from '../../src/testing/index.ts';
import { assertAllowed, type Scene, testBadImages } from '../support/bad-images.ts';
import { KEYS, named, startWholeServer } from '../support/whole-server.ts';

const MiB = 1024 * 1024;
const TWO_OF = '  - { name: all, images: ["**"], require: { atLeast: 2, of: [release, alias, security] } }';

/** One signature by `release` in the `.sig` tag: two requests find it, a third reads it. */
function sign({ registry, image }: Scene): void {
  signLegacy(registry, image, KEYS.release);
}

/** A `.sig` manifest with these layers, none of which need be there. */
function putLayers({ registry, image }: Scene, count: number, size?: number): void {
  const payload = makeLegacyPayload({ digest: image.digest, dockerReference: 'x/y' });
  const { descriptor } = makeLegacyLayer(payload, KEYS.release);
  const layers = Array.from({ length: count }, () => ({ ...descriptor, ...(size && { size }) }));
  const { manifest } = makeLegacyManifest(layers);
  registry.putBlob(image.repository, payload);
  registry.putManifest(image.repository, manifest, { tag: `${digestTag(image.digest)}.sig` });
}

/** Manifests that have the image as their subject and hold nothing. */
function floodReferrers({ registry, image }: Scene, count: number): void {
  for (let index = 0; index < count; index++) {
    const { mediaType, digest, size } = image;
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'text/plain',
      config: { mediaType: 'text/plain', digest, size: 2 },
      layers: [],
      subject: { mediaType, digest, size },
      annotations: { index: `${index}` },
    };
    registry.putManifest(image.repository, JSON.stringify(manifest));
  }
}

testBadImages([
  {
    name: 'nobody has signed: both stores say so',
    arrange: () => undefined,
    code: 'UNSIGNED',
    requests: 2,
  },
  {
    name: 'a signature manifest that is HTML',
    arrange(scene) {
      sign(scene);
      scene.registry.fault({ kind: 'body', body: '<html>log in</html>', match: { kind: 'manifest' } });
      return undefined;
    },
    code: 'RESPONSE_MALFORMED',
    requests: 2,
  },
  {
    name: 'a signature manifest that is not there, says a web page',
    arrange({ registry }) {
      registry.fault({ kind: 'body', body: '<html>404</html>', status: 404, match: { kind: 'manifest' } });
      return undefined;
    },
    code: 'RESPONSE_MALFORMED',
    requests: 2,
  },
  {
    name: 'a payload with other bytes than its digest says',
    arrange(scene) {
      sign(scene);
      scene.registry.fault({ kind: 'wrong-bytes', match: { kind: 'blob' } });
      return undefined;
    },
    code: 'DIGEST_MISMATCH',
    requests: 3,
  },
  {
    name: 'a referrer with other bytes than its digest says',
    arrange({ registry, image }) {
      signBundle(registry, image, KEYS.release);
      registry.fault({ kind: 'wrong-bytes', match: { kind: 'manifest', path: /sha256:/ } });
      return undefined;
    },
    code: 'DIGEST_MISMATCH',
    requests: 3,
  },
  {
    name: 'a payload that is cut off, at each of three attempts',
    arrange(scene) {
      sign(scene);
      scene.registry.fault({ kind: 'truncate', match: { kind: 'blob' } });
      return undefined;
    },
    code: 'DIGEST_MISMATCH',
    requests: 2 + LIMITS.attempts,
  },
  {
    name: 'a payload that is longer than its descriptor says',
    arrange(scene) {
      sign(scene);
      scene.registry.fault({ kind: 'oversize', bytes: 2 * MiB, match: { kind: 'blob' } });
      return undefined;
    },
    code: 'DIGEST_MISMATCH',
    requests: 3,
  },
  {
    name: 'a payload of 200 MiB, says its descriptor',
    arrange(scene) {
      putLayers(scene, 1, 200 * MiB);
      return undefined;
    },
    code: 'LIMIT_EXCEEDED',
    requests: 2,
  },
  {
    name: 'a payload of 200 MiB, whose descriptor lies and whose answer has no length',
    arrange(scene) {
      sign(scene);
      scene.registry.fault({
        kind: 'oversize',
        bytes: 200 * MiB,
        declared: false,
        match: { kind: 'blob' },
      });
      return undefined;
    },
    code: 'DIGEST_MISMATCH',
    requests: 3,
  },
  {
    name: 'a signature manifest of 200 MiB',
    arrange(scene) {
      sign(scene);
      scene.registry.fault({
        kind: 'oversize',
        bytes: 200 * MiB,
        declared: false,
        match: { kind: 'manifest' },
      });
      return undefined;
    },
    code: 'LIMIT_EXCEEDED',
    requests: 2,
  },
  {
    name: '1,001 layers, each a good signature',
    arrange(scene) {
      putLayers(scene, 1001);
      return undefined;
    },
    code: 'LIMIT_EXCEEDED',
    requests: 2,
  },
  {
    name: '1,025 referrers are inconclusive, not unsigned',
    arrange(scene) {
      floodReferrers(scene, LIMITS.referrers + 1);
      return undefined;
    },
    code: 'LIMIT_EXCEEDED',
    requests: 2,
  },
  {
    name: 'a signature that is not base64',
    arrange({ registry, image }) {
      signLegacy(registry, image, KEYS.release, { signature: '<not base64>' });
      return undefined;
    },
    code: 'SIGNATURE_MALFORMED',
    requests: 3,
  },
  {
    name: 'a signature of another digest, copied to the .sig tag of this one',
    arrange({ registry, image }) {
      const other = registry.pushImage('acme/web', { tag: 'other', content: 'signed' });
      const { digest } = signLegacy(registry, other, KEYS.release);
      registry.tag('acme/web', `${digestTag(image.digest)}.sig`, digest);
      return undefined;
    },
    code: 'PAYLOAD_DIGEST_MISMATCH',
    requests: 3,
  },
  {
    name: 'a bundle of another digest, attached to this one',
    arrange({ registry, image }) {
      const other = registry.pushImage('acme/web', { tag: 'other', content: 'signed' });
      signBundle(registry, image, KEYS.release, { subjectDigest: other.digest });
      return undefined;
    },
    code: 'PAYLOAD_DIGEST_MISMATCH',
    requests: 4,
  },
  {
    name: 'a signature by a key that the policy does not name',
    arrange({ registry, image }) {
      signLegacy(registry, image, KEYS.stranger);
      return undefined;
    },
    code: 'SIGNATURE_INVALID',
    requests: 3,
  },
  {
    name: 'two signatures by one key, against atLeast: 2',
    rules: () => TWO_OF.replace('alias, ', ''),
    arrange({ registry, image }) {
      signLegacy(registry, image, KEYS.release);
      signBundle(registry, image, KEYS.release);
      return undefined;
    },
    code: 'THRESHOLD_NOT_MET',
    requests: 5,
  },
  {
    name: 'one key under two names, against atLeast: 2',
    rules: () => TWO_OF,
    arrange(scene) {
      sign(scene);
      return undefined;
    },
    code: 'THRESHOLD_NOT_MET',
    requests: 3,
  },
]);

test('a flood of referrers does not hide the good signature in the other store', async (t) => {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  const server = await startWholeServer(t, { registries: named(registry) });
  const image = registry.pushImage('acme/web', { tag: '1.0' });
  floodReferrers({ registry, image }, LIMITS.referrers + 1);
  sign({ registry, image });
  await assertAllowed(server, [image.pinned]);
  assert.equal(registry.requests.length, 3);
});
