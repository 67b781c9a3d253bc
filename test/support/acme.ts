// SPDX-License-Identifier: Apache-2.0
import {
  createTestKey,
  createTestSigstore,
  githubIdentity,
  signBundle,
  signImageKeyless,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { type Folder, folderOf } from './command.ts';

/** The host that pages name; on the stage it is the registry's. */
export const ACME_HOST = 'registry.acme.example';

/** What commands of tests and pages work on: a registry with images, and a folder with files. */
export type AcmeStage = {
  readonly registry: TestRegistry;
  readonly folder: Folder;
  readonly images: Readonly<Record<'web' | 'api' | 'batch' | 'foreign', TestImage>>;
  /** The text with the registry's real host in place of {@link ACME_HOST}. */
  here(text: string): string;
  close(): Promise<void>;
};

const FILES = {
  'policy.yaml': `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: acme }

signers:
  release: { key: { file: cosign.pub } }

rules:
  - name: vendor
    images: ["${ACME_HOST}/vendor/*"]
    allow: { reason: "unsigned upstream, reviewed in SEC-214", until: never }
  - name: acme
    images: ["${ACME_HOST}/**"]
    require: release

modes:
  - { namespaces: ["dev-*"], mode: warn }
`,
  'shop.yaml': `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: shop }

signers:
  pipeline:
    keyless:
      issuer: https://token.actions.githubusercontent.com
      subject: https://github.com/acme/shop/.github/workflows/release.yaml@refs/heads/main
      claims: { sourceRepository: https://github.com/acme/shop }

rules:
  - name: shop
    images: ["${ACME_HOST}/shop"]
    require: pipeline
`,
  'deploy.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      initContainers:
        - { name: migrate, image: "${ACME_HOST}/batch:7" }
      containers:
        - { name: web, image: "${ACME_HOST}/web:1.4" }
`,
};

/**
 * `web:1.4` is signed as a `.sig` tag, `api:2.0` as a bundle, `foreign:1` with another key, `batch:7` not at all; `shop:build-7` by a
 * person and `shop:build-8` by a pipeline, in a Sigstore of which `trusted_root.json` is the root.
 */
export async function startAcme(): Promise<AcmeStage> {
  const registry = await startTestRegistry();
  const [release, stranger] = [createTestKey('ecdsa-p256'), createTestKey('ecdsa-p256')];
  const images = {
    web: registry.pushImage('web', { tag: '1.4' }),
    api: registry.pushImage('api', { tag: '2.0' }),
    batch: registry.pushImage('batch', { tag: '7' }),
    foreign: registry.pushImage('foreign', { tag: '1' }),
  };
  signLegacy(registry, images.web, release);
  signBundle(registry, images.api, release);
  signLegacy(registry, images.foreign, stranger);
  const sigstore = createTestSigstore();
  const builders = {
    'build-7': { issuer: 'https://accounts.google.com', subject: 'kim@acme.example' },
    'build-8': githubIdentity('acme/shop'),
  };
  for (const [tag, identity] of Object.entries(builders))
    signImageKeyless(registry, registry.pushImage('shop', { tag }), sigstore, identity);
  const here = (text: string) => text.replaceAll(ACME_HOST, registry.host);
  const files = Object.entries(FILES).map(([name, text]) => [name, here(text)] as const);
  const folder = folderOf({
    ...Object.fromEntries(files),
    'cosign.pub': release.publicKeyPem,
    'other.pub': stranger.publicKeyPem,
    'trusted_root.json': sigstore.trustedRoot().toString(),
  });
  return {
    registry,
    folder,
    images,
    here,
    async close() {
      await registry.close();
      folder.close();
    },
  };
}
