// SPDX-License-Identifier: Apache-2.0
import { test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { signLegacy, startTestRegistry, type TestImage } from '../../src/testing/index.ts';
import { assertAllowed, type Scene, testBadImages } from '../support/bad-images.ts';
import { KEYS, named, startWholeServer } from '../support/whole-server.ts';

const EVERY = () => '  - { name: all, images: ["**"], require: release, platforms: every }';
const LINUX = { os: 'linux', architecture: 'amd64' };
const UNKNOWN = { os: 'unknown', architecture: 'unknown' };
const INDEX = 'application/vnd.oci.image.index.v1+json';

type Listed = Pick<TestImage, 'mediaType' | 'digest' | 'size'>;

function entry({ mediaType, digest, size }: Listed, platform?: object): object {
  return { mediaType, digest, size, ...(platform && { platform }) };
}

/** An index with these bytes, or this list. */
function put({ registry, image }: Scene, content: string | readonly object[], signed = false): TestImage {
  const text =
    typeof content === 'string'
      ? content
      : JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: content });
  const { digest } = registry.putManifest('acme/web', text, { mediaType: INDEX });
  const pinned = `${registry.host}/acme/web@${digest}`;
  const index = { ...image, digest, mediaType: INDEX, size: text.length, pinned, reference: pinned };
  if (signed) signLegacy(registry, index, KEYS.release);
  return index;
}

/** A signed image of the repository. */
function signed({ registry }: Scene, content = 'signed'): TestImage {
  const image = registry.pushImage('acme/web', { content });
  signLegacy(registry, image, KEYS.release);
  return image;
}

testBadImages(
  [
    {
      name: 'the index is signed, its image is not',
      arrange: (scene: Scene) => [put(scene, [entry(scene.image, LINUX)], true).pinned],
      code: 'UNSIGNED' as const,
      requests: 4,
    },
    {
      name: 'an unsigned image without a platform, which a runtime takes for any',
      arrange: (scene: Scene) => [put(scene, [entry(scene.image)], true).pinned],
      code: 'UNSIGNED' as const,
      requests: 4,
    },
    {
      name: 'an unsigned image whose system alone is unknown',
      arrange: (scene: Scene) => [
        put(scene, [entry(scene.image, { ...UNKNOWN, architecture: 'amd64' })]).pinned,
      ],
      code: 'UNSIGNED' as const,
      requests: 4,
    },
    {
      name: 'an unsigned image listed twice, as unknown first',
      arrange: (scene: Scene) => [
        put(scene, [entry(scene.image, UNKNOWN), entry(scene.image, LINUX)], true).pinned,
      ],
      code: 'UNSIGNED' as const,
      requests: 4,
    },
    {
      name: 'an unsigned image behind one signed image that is listed twice',
      arrange: (scene: Scene) => {
        const good = entry(signed(scene), LINUX);
        return [put(scene, [good, good, entry(scene.image, { ...LINUX, architecture: 'arm64' })]).pinned];
      },
      code: 'UNSIGNED' as const,
      requests: 8,
    },
    {
      name: 'an index of attestations only',
      arrange: (scene: Scene) => [put(scene, [entry(scene.image, UNKNOWN)], true).pinned],
      code: 'NO_PLATFORM' as const,
      requests: 1,
    },
    {
      name: 'an index of nothing',
      arrange: (scene: Scene) => [put(scene, [], true).pinned],
      code: 'NO_PLATFORM' as const,
      requests: 1,
    },
    {
      name: 'an index without a list',
      arrange: (scene: Scene) => [put(scene, `{"schemaVersion":2,"mediaType":"${INDEX}"}`, true).pinned],
      code: 'NO_PLATFORM' as const,
      requests: 1,
    },
    {
      name: 'unknown/unknown for us, linux/amd64 for a reader that does not look at case',
      arrange: (scene: Scene) => [
        put(scene, [entry(scene.image, { ...UNKNOWN, OS: 'linux', Architecture: 'amd64' })]).pinned,
      ],
      code: 'RESPONSE_MALFORMED' as const,
      requests: 1,
    },
    {
      name: 'a second list in another spelling',
      arrange: (scene: Scene) => {
        const lists = { manifests: [entry(signed(scene), LINUX)], Manifests: [entry(scene.image, LINUX)] };
        return [put(scene, JSON.stringify({ schemaVersion: 2, mediaType: INDEX, ...lists })).pinned];
      },
      code: 'RESPONSE_MALFORMED' as const,
      requests: 1,
    },
    {
      name: 'two lists',
      arrange: (scene: Scene) => {
        const [bad, good] = [scene.image, signed(scene)].map((one) => JSON.stringify([entry(one, LINUX)]));
        return [put(scene, `{"schemaVersion":2,"manifests":${bad},"manifests":${good}}`).pinned];
      },
      code: 'RESPONSE_MALFORMED' as const,
      requests: 1,
    },
    {
      name: 'an index that is an image too',
      arrange: (scene: Scene) => {
        const { config, layers } = JSON.parse(Buffer.from(scene.image.manifest).toString());
        const both = { schemaVersion: 2, config, layers, manifests: [entry(signed(scene), LINUX)] };
        return [put(scene, JSON.stringify(both)).pinned];
      },
      code: 'RESPONSE_MALFORMED' as const,
      requests: 1,
    },
    {
      name: 'a signed index in the guise of an image, its own image unsigned',
      arrange: (scene: Scene) => {
        const inner = put(scene, [entry(scene.image, LINUX)], true);
        return [put(scene, [entry({ ...inner, mediaType: scene.image.mediaType }, LINUX)]).pinned];
      },
      code: 'UNSIGNED' as const,
      requests: 5,
    },
    {
      name: 'a signed image in the guise of an index, and an unsigned one after it',
      arrange: (scene: Scene) => [
        put(scene, [
          entry({ ...signed(scene), mediaType: INDEX }, LINUX),
          entry({ ...scene.image, mediaType: 'text/plain' }, { ...LINUX, architecture: 'arm64' }),
        ]).pinned,
      ],
      code: 'UNSIGNED' as const,
      requests: 8,
    },
    {
      name: 'a list that names a blob',
      arrange: (scene: Scene) => {
        const digest = scene.registry.putBlob('acme/web', 'no manifest');
        return [put(scene, [entry({ ...scene.image, digest }, LINUX)]).pinned];
      },
      code: 'BLOB_NOT_FOUND' as const,
      requests: 2,
    },
    {
      name: 'a child whose bytes are of another digest',
      arrange: (scene: Scene) => {
        const digest = `sha256:${'5'.repeat(64)}` as const;
        scene.registry.putManifest('acme/web', scene.image.manifest, { digest });
        return [put(scene, [entry({ ...scene.image, digest }, LINUX)]).pinned];
      },
      code: 'DIGEST_MISMATCH' as const,
      requests: 2,
    },
    {
      name: 'more images than are verified',
      arrange: (scene: Scene) => {
        const list = Array.from({ length: LIMITS.platforms + 1 }, (_, at) =>
          entry(scene.registry.pushImage('acme/web', { content: `${at}` }), LINUX),
        );
        return [put(scene, list).pinned];
      },
      code: 'LIMIT_EXCEEDED' as const,
      requests: 1,
    },
    {
      name: 'indexes inside each other',
      arrange: (scene: Scene) => {
        let index = put(scene, [entry(signed(scene), LINUX)]);
        for (let depth = 1; depth <= LIMITS.indexDepth; depth += 1) index = put(scene, [entry(index)]);
        return [index.pinned];
      },
      code: 'LIMIT_EXCEEDED' as const,
      requests: LIMITS.indexDepth + 1,
    },
    {
      name: 'children of some MiB each',
      arrange: (scene: Scene) => {
        const list = Array.from({ length: 8 }, (_, at) => {
          const text = JSON.stringify({ schemaVersion: 2, at, padding: 'x'.repeat(3 * 1024 * 1024) });
          return entry(
            { ...scene.image, digest: scene.registry.putManifest('acme/web', text).digest },
            LINUX,
          );
        });
        return [put(scene, list).pinned];
      },
      code: 'LIMIT_EXCEEDED' as const,
      requests: 9,
    },
  ].map((row) => ({ ...row, rules: EVERY })),
);

test('signed images beside attestations are admitted', async (t) => {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  const server = await startWholeServer(t, { registries: named(registry), rules: EVERY() });
  const scene = { registry, image: registry.pushImage('acme/web', { content: 'an attestation' }) };
  const list = [
    entry(signed(scene, 'amd64'), LINUX),
    entry(signed(scene, 'any')),
    entry(scene.image, UNKNOWN),
  ];
  await assertAllowed(server, [put(scene, list).pinned]);
});

testBadImages([
  {
    name: 'a repository of signatures with one for another image under this one’s tag',
    rules: (host) =>
      `  - { name: all, images: ["**"], require: release, signatures: { repository: "${host}/sigs" } }`,
    arrange: ({ registry, image }) => {
      const other = registry.pushImage('acme/web', { content: 'other' });
      const there = { ...image, repository: 'sigs' };
      signLegacy(registry, there, KEYS.release, { payloadDigest: other.digest });
      return undefined;
    },
    code: 'PAYLOAD_DIGEST_MISMATCH',
    requests: 3,
  },
  {
    name: 'a repository of signatures that is a web page',
    rules: (host) =>
      `  - { name: all, images: ["**"], require: release, signatures: { repository: "${host}/sigs" } }`,
    arrange: ({ registry, image }) => {
      signLegacy(registry, image, KEYS.release);
      registry.fault({
        kind: 'body',
        body: '<html></html>',
        contentType: 'text/html',
        match: { path: /\/sigs\// },
      });
      return undefined;
    },
    code: 'RESPONSE_MALFORMED',
    requests: 3,
  },
  {
    name: 'a repository of signatures at an address of the cloud',
    rules: () =>
      '  - { name: all, images: ["**"], require: release, signatures: { repository: "169.254.169.254/sigs" } }',
    arrange: ({ registry, image }) => {
      signLegacy(registry, image, KEYS.release);
      return undefined;
    },
    code: 'ADDRESS_FORBIDDEN',
    requests: 0,
  },
]);
