// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createTestKey, pushImageTo, type TestKeyKind } from '../../src/testing/index.ts';
import { type RealRegistry, startRefreg } from './registries.ts';
import { cosign, countersign, skipWithout } from './tools.ts';

/** What cosign can sign with each kind of imported key; it refuses Ed25519 in the bundle format. */
const KINDS: readonly { readonly kind: TestKeyKind; readonly bundle: boolean }[] = [
  { kind: 'ecdsa-p256', bundle: true },
  { kind: 'ecdsa-p384', bundle: true },
  { kind: 'ecdsa-p521', bundle: true },
  { kind: 'rsa-2048', bundle: true },
  { kind: 'rsa-3072', bundle: true },
  { kind: 'rsa-4096', bundle: true },
  { kind: 'ed25519', bundle: false },
];
const LEGACY = ['--tlog-upload=false', '--use-signing-config=false', '--new-bundle-format=false'];
const BUNDLE = ['--signing-config', 'sc.json', '--trusted-root', 'tr.json'];

describe('keys that cosign imported', { skip: skipWithout('cosign', 'refreg') }, () => {
  let registry: RealRegistry;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
    registry = await startRefreg();
    await cosign(folder, ['signing-config', 'create', '--out', 'sc.json']);
    await cosign(folder, ['trusted-root', 'create', '--out', 'tr.json']);
  });
  after(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { kind, bundle } of KINDS) {
    for (const [format, flags] of [
      ['legacy', LEGACY],
      ['bundle', BUNDLE],
    ] as const) {
      if (format === 'bundle' && !bundle) continue;
      test(`${kind}, ${format}`, async () => {
        const key = createTestKey(kind);
        writeFileSync(join(folder, 'plain.pem'), key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
        writeFileSync(join(folder, `${kind}.pem`), key.publicKeyPem);
        await cosign(folder, ['import-key-pair', '-y', '--key', 'plain.pem', '--output-key-prefix', kind]);
        const image = await pushImageTo(registry.host, `keys/${kind}-${format}`, { tag: '1' });
        await cosign(folder, ['sign', '-y', '--key', `${kind}.key`, ...flags, image.pinned]);
        const { exitCode, stdout, stderr } = await countersign([
          'verify',
          image.pinned,
          '--key',
          join(folder, `${kind}.pem`),
        ]);
        assert.equal(exitCode, 0, stdout + stderr);
      });
    }
  }
});
