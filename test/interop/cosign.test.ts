// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../src/report/index.ts';
import { pushImageTo } from '../../src/testing/index.ts';
import { type RealRegistry, startDockerRegistry, startRefreg } from './registries.ts';
import { cosign, countersign, skipWithout } from './tools.ts';

const REGISTRIES = [
  { name: 'docker-registry (fallback tag)', tool: 'docker-registry', start: () => startDockerRegistry() },
  { name: 'refreg (referrers API)', tool: 'refreg', start: startRefreg },
] as const;

/** What the real cosign is told, for each way it stores a signature. */
const FORMATS = [
  {
    name: 'legacy .sig tag',
    sign: ['--tlog-upload=false', '--use-signing-config=false', '--new-bundle-format=false'],
    env: {},
    storage: 'tag',
  },
  {
    name: 'bundle',
    sign: ['--signing-config', 'sc.json', '--trusted-root', 'tr.json'],
    env: {},
    storage: 'referrer',
  },
  {
    name: 'legacy signature as a referrer',
    sign: [
      '--tlog-upload=false',
      '--use-signing-config=false',
      '--new-bundle-format=false',
      '--registry-referrers-mode=oci-1-1',
    ],
    env: { COSIGN_EXPERIMENTAL: '1' },
    storage: 'referrer',
  },
] as const;

for (const { name, tool, start } of REGISTRIES) {
  describe(`cosign on ${name}`, { skip: skipWithout('cosign', tool) }, () => {
    let registry: RealRegistry;
    let folder: string;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'countersign-cosign-'));
      registry = await start();
      await cosign(folder, ['generate-key-pair']);
      await cosign(folder, ['generate-key-pair', '--output-key-prefix', 'other']);
      await cosign(folder, ['signing-config', 'create', '--out', 'sc.json']);
      await cosign(folder, ['trusted-root', 'create', '--out', 'tr.json']);
    });
    after(async () => {
      await registry?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const key = (file = 'cosign.pub') => join(folder, file);
    const push = (repository: string, tag: string, content = `${repository}:${tag}`) =>
      pushImageTo(registry.host, repository, { tag, content });

    for (const format of FORMATS) {
      const repository = `demo/${format.name.replaceAll(/[^a-z]+/g, '-')}`;
      const sign = (reference: string, ...more: string[]) =>
        cosign(folder, ['sign', '-y', '--key', 'cosign.key', ...format.sign, ...more, reference], format.env);

      test(`${format.name}: what cosign signs is verified`, async () => {
        const image = await push(repository, 'signed');
        await sign(image.pinned);
        for (const reference of [image.pinned, image.reference]) {
          const { exitCode, stdout, stderr } = await countersign([
            'verify',
            reference,
            '--key',
            key(),
            '--output',
            'json',
          ]);
          assert.equal(exitCode, 0, stdout + stderr);
          const [judged] = (JSON.parse(stdout) as Report).images;
          assert.equal(judged?.verdict, 'verified');
          assert.equal(judged?.digest, image.digest);
          assert.equal(judged?.outcomes[0]?.storage, format.storage);
        }
      });

      test(`${format.name}: another key is refused`, async () => {
        const image = await push(repository, 'other-key');
        await sign(image.pinned);
        const { exitCode, stdout } = await countersign([
          'verify',
          image.pinned,
          '--key',
          key('other.pub'),
          '--output',
          'json',
        ]);
        assert.equal(exitCode, 1, stdout);
        assert.equal((JSON.parse(stdout) as Report).images[0]?.code, 'SIGNATURE_INVALID');
      });

      test(`${format.name}: a moved tag is refused`, async () => {
        const image = await push(repository, 'moved');
        await sign(image.pinned);
        await push(repository, 'moved', 'something else');
        const { exitCode, stdout } = await countersign([
          'verify',
          image.reference,
          '--key',
          key(),
          '--output',
          'json',
        ]);
        assert.equal(exitCode, 1, stdout);
        assert.equal((JSON.parse(stdout) as Report).images[0]?.code, 'UNSIGNED');
      });

      test(`${format.name}: annotations that cosign signed are demanded`, async () => {
        const image = await push(repository, 'annotated');
        await sign(image.pinned, '-a', 'stage=release');
        const verify = (value: string) =>
          countersign(['verify', image.pinned, '--key', key(), '-a', `stage=${value}`, '--output', 'json']);
        assert.equal((await verify('release')).exitCode, 0);
        const { exitCode, stdout } = await verify('test');
        assert.equal(exitCode, 1, stdout);
        assert.equal((JSON.parse(stdout) as Report).images[0]?.code, 'ANNOTATION_MISMATCH');
      });
    }

    test('an attestation is no signature', async () => {
      const image = await push('demo/attested', '1');
      writeFileSync(join(folder, 'predicate.json'), '{"ok":true}');
      await cosign(folder, [
        'attest',
        '-y',
        '--key',
        'cosign.key',
        '--type',
        'custom',
        '--predicate',
        'predicate.json',
        '--signing-config',
        'sc.json',
        '--trusted-root',
        'tr.json',
        image.pinned,
      ]);
      const { exitCode, stdout } = await countersign([
        'verify',
        image.pinned,
        '--key',
        key(),
        '--output',
        'json',
      ]);
      assert.equal(exitCode, 1, stdout);
      assert.equal((JSON.parse(stdout) as Report).images[0]?.code, 'NOT_A_SIGNATURE');
    });

    test('a legacy attestation is not even looked at', async () => {
      const image = await push('demo/attested-legacy', '1');
      writeFileSync(join(folder, 'predicate.json'), '{"ok":true}');
      await cosign(folder, [
        'attest',
        '-y',
        '--key',
        'cosign.key',
        '--type',
        'custom',
        '--predicate',
        'predicate.json',
        '--tlog-upload=false',
        '--use-signing-config=false',
        '--new-bundle-format=false',
        image.pinned,
      ]);
      const { exitCode, stdout } = await countersign([
        'verify',
        image.pinned,
        '--key',
        key(),
        '--output',
        'json',
      ]);
      assert.equal(exitCode, 1, stdout);
      assert.equal((JSON.parse(stdout) as Report).images[0]?.code, 'UNSIGNED');
    });

    test('an unsigned image is refused, an absent one too', async () => {
      const image = await push('demo/unsigned', '1');
      const unsigned = await countersign(['verify', image.pinned, '--key', key(), '--output', 'json']);
      assert.equal(unsigned.exitCode, 1, unsigned.stdout);
      assert.equal((JSON.parse(unsigned.stdout) as Report).images[0]?.code, 'UNSIGNED');
      const absent = await countersign([
        'verify',
        `${registry.host}/demo/absent:1`,
        '--key',
        key(),
        '--output',
        'json',
      ]);
      assert.equal(absent.exitCode, 1, absent.stdout);
      assert.equal((JSON.parse(absent.stdout) as Report).images[0]?.code, 'IMAGE_NOT_FOUND');
    });
  });
}
