// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createTestCertificate,
  createTestKey,
  createTestSigstore,
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestKey,
  type TestRegistry,
} from '../../testing/index.ts';
import { startServing } from '../start-serving.ts';
import { type ApiServer, startApiServer } from './api-server.ts';
import { type KeylessImages, pushKeylessImages } from './keyless-images.ts';
import { configFor, policyFor } from './policy.ts';

/** A registry with images, an admission server over it, and somebody who plays the API server. */
export type DemoStage = {
  readonly folder: string;
  readonly registry: TestRegistry;
  readonly images: DemoImages;
  readonly keyless: KeylessImages;
  readonly apiServer: ApiServer;
  readonly serverUrl: string;
  close(): Promise<void>;
};

type DemoImages = Readonly<Record<ImageName, TestImage>>;
type ImageName =
  | 'signed'
  | 'bundled'
  | 'unsigned'
  | 'foreign'
  | 'signedOnce'
  | 'signedTwice'
  | 'moved'
  | 'lookAlike'
  | 'exempt'
  | 'unseen';

type DemoKeys = Readonly<Record<'release' | 'security' | 'quality' | 'stranger', TestKey>>;

/** What is exchanged for something of the same kind. */
export type Swaps = { readonly swapKey?: boolean; readonly swapRoot?: boolean };

/**
 * Sets the stage on loopback, in a new temporary folder that `close` removes.
 *
 * With `swapKey` the policy has another key than the one that signs, with `swapRoot` another Sigstore is trusted: the story
 * must then come out wrong.
 */
export async function setStage({ swapKey, swapRoot }: Swaps): Promise<DemoStage> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-demo-'));
  const registry = await startTestRegistry();
  const keys: DemoKeys = {
    release: createTestKey('ecdsa-p256'),
    security: createTestKey('ecdsa-p384'),
    quality: createTestKey('ed25519'),
    stranger: createTestKey('ecdsa-p256'),
  };
  const images = pushImages(registry, keys);
  const sigstore = createTestSigstore();
  const keyless = pushKeylessImages(registry, sigstore);
  const tls = createTestCertificate({ hosts: ['127.0.0.1', 'localhost'] });
  writeFiles(folder, {
    'policy.yaml': policyFor(registry.host),
    'config.yaml': configFor(registry.host),
    'trusted_root.json': (swapRoot ? createTestSigstore() : sigstore).trustedRoot(),
    'release.pub': (swapKey ? keys.stranger : keys.release).publicKeyPem,
    'security.pub': keys.security.publicKeyPem,
    'quality.pub': keys.quality.publicKeyPem,
    'tls.crt': tls.certificate,
    'tls.key': tls.privateKey,
    'ca.crt': tls.ca,
  });
  const server = await startServing({
    policy: [join(folder, 'policy.yaml')],
    config: join(folder, 'config.yaml'),
    listen: '127.0.0.1:0',
    probeListen: '127.0.0.1:0',
    tls: { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') },
    env: {},
    drainMs: 0,
    logLevel: 'silent',
    dockerConfig: undefined,
  });
  const serverUrl = `https://${server.address}`;
  const apiServer = startApiServer(serverUrl, tls.ca);
  return {
    folder,
    registry,
    images,
    keyless,
    apiServer,
    serverUrl,
    async close() {
      await apiServer.close();
      await server.close();
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function pushImages(registry: TestRegistry, keys: DemoKeys): DemoImages {
  const images = {
    signed: registry.pushImage('acme/web', { tag: '1.0' }),
    bundled: registry.pushImage('acme/api', { tag: '1.0' }),
    unsigned: registry.pushImage('acme/unsigned', { tag: '1.0' }),
    foreign: registry.pushImage('acme/foreign', { tag: '1.0' }),
    signedOnce: registry.pushImage('payments/ledger', { tag: '1.0' }),
    signedTwice: registry.pushImage('payments/ledger', { tag: '2.0' }),
    moved: registry.pushImage('acme/moved', { tag: '1.0' }),
    exempt: registry.pushImage('vendor/redis', { tag: '7' }),
    lookAlike: registry.pushImage('vendor/redis-cache', { tag: '7' }),
    unseen: registry.pushImage('acme/web', { tag: '1.1' }),
  };
  for (const image of [images.signed, images.moved, images.unseen, images.signedOnce]) {
    signLegacy(registry, image, keys.release);
  }
  signBundle(registry, images.bundled, keys.release);
  signLegacy(registry, images.foreign, keys.stranger);
  signLegacy(registry, images.signedTwice, keys.release);
  signBundle(registry, images.signedTwice, keys.security);
  registry.pushImage('acme/moved', { tag: '1.0', content: 'not what was signed' });
  return images;
}

function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { mode: 0o600 });
}
