// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestKey, createTestSigstore, startTestRegistry } from '../../src/testing/index.ts';
import { storeBundle } from '../../src/testing/sign-bundle.ts';
import { folderOf, runCommand } from '../support/command.ts';
import { podReview } from '../support/reviews.ts';
import { named, startWholeServer } from '../support/whole-server.ts';

const DAY = 86_400_000;
const SIGSTORE = createTestSigstore();

/** What a log or an authority says about the time, and whether the ended window of the key still contains it. */
const SIGNED = [
  { when: 'logged while the key was trusted', signing: { log: 'v1', time: Date.now() - 3 * DAY }, exit: 0 },
  {
    when: 'stamped while it was',
    signing: { log: 'none', timestamps: 1, time: Date.now() - 3 * DAY },
    exit: 0,
  },
  { when: 'logged after that', signing: { log: 'v1', time: Date.now() - DAY / 2 }, exit: 1 },
  { when: 'without anything that proves a time', signing: { log: 'none', timestamps: 0 }, exit: 1 },
] as const;

for (const { when, signing, exit } of SIGNED) {
  test(`a signature by a key whose window has ended, ${when}: command and server say the same`, async (t) => {
    const registry = await startTestRegistry();
    t.after(() => registry.close());
    const image = registry.pushImage('web', { tag: '1' });
    const key = createTestKey('ecdsa-p256');
    const message = registry.manifest('web', image.digest)?.bytes ?? '';
    const bundle = SIGSTORE.signBundle({ ...signing, key, content: { message } });
    storeBundle(registry, image, bundle, { content: 'message-signature' });

    const until = new Date(Date.now() - DAY).toISOString();
    const pem = key.publicKeyPem.replaceAll('\n', '\\n');
    const signer = `  old: { key: { pem: "${pem}", notAfter: "${until}" } }`;
    const rule = '  - { name: all, images: ["**"], require: old }';
    const folder = folderOf({
      'policy.yaml': `apiVersion: countersign.dev/v1\nkind: TrustPolicy\nmetadata: { name: p }\nsigners:\n${signer}\nrules:\n${rule}\n`,
      'trusted_root.json': SIGSTORE.trustedRoot().toString(),
    });
    t.after(() => folder.close());
    const path = folder.path('trusted_root.json');
    const files = ['--policy', folder.path('policy.yaml'), '--trusted-root', path];
    const said = await runCommand(['verify', ...files, image.reference]);
    assert.equal(said.exit, exit, said.stdout);

    const server = await startWholeServer(t, {
      registries: named(registry),
      signers: signer,
      rules: rule,
      trust: { config: { trustRoots: new Map([['default', { kind: 'file', path }]]) } },
    });
    const { allowed, message: reason } = await server.ask(podReview([image.pinned]));
    assert.equal(allowed, exit === 0, reason);
  });
}
