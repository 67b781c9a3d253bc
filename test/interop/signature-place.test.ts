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

const LEGACY = ['--tlog-upload=false', '--use-signing-config=false', '--new-bundle-format=false'];
const BUNDLE = ['--signing-config', 'sc.json', '--trusted-root', 'tr.json'];
const FORMATS = [
  { name: 'legacy .sig tag', sign: LEGACY, storage: 'tag' },
  { name: 'bundle', sign: BUNDLE, storage: 'referrer' },
] as const;

for (const { name, tool, start } of REGISTRIES) {
  describe(`where cosign puts signatures on ${name}`, { skip: skipWithout('cosign', tool) }, () => {
    let registry: RealRegistry;
    let folder: string;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'countersign-place-'));
      registry = await start();
      await cosign(folder, ['generate-key-pair']);
      await cosign(folder, ['signing-config', 'create', '--out', 'sc.json']);
      await cosign(folder, ['trusted-root', 'create', '--out', 'tr.json']);
    });
    after(async () => {
      await registry?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const verify = async (image: string, place: string) => {
      const policy = join(folder, 'policy.yaml');
      writeFileSync(
        policy,
        `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: place }
signers:
  cosign: { key: { file: cosign.pub } }
rules:
  - { name: all, images: ["**"], require: cosign${place} }
`,
      );
      const { exitCode, stdout, stderr } = await countersign([
        'verify',
        image,
        '--policy',
        policy,
        '--output',
        'json',
      ]);
      const [judged] = (JSON.parse(stdout || '{"images":[]}') as Report).images;
      assert.ok(judged, stderr);
      return { exitCode, code: judged.code, storage: judged.outcomes[0]?.storage };
    };

    for (const { name: format, sign, storage } of FORMATS) {
      test(`COSIGN_REPOSITORY, ${format}`, async () => {
        const image = await pushImageTo(registry.host, 'demo/app', { tag: '1', content: format });
        const elsewhere = `${registry.host}/signatures/all`;
        await cosign(folder, ['sign', '-y', '--key', 'cosign.key', ...sign, image.pinned], {
          COSIGN_REPOSITORY: elsewhere,
        });
        const there = await verify(image.pinned, `, signatures: { repository: "${elsewhere}" }`);
        assert.deepEqual(there, { exitCode: 0, code: 'VERIFIED', storage });
        assert.equal((await verify(image.pinned, '')).code, 'UNSIGNED', 'nothing is in the own repository');
      });
    }

    test('COSIGN_REPOSITORY, and a legacy signature as a referrer: cosign leaves that in the own repository', async () => {
      const image = await pushImageTo(registry.host, 'demo/app', { tag: '1', content: 'legacy referrer' });
      const elsewhere = `${registry.host}/signatures/all`;
      const referrer = [...LEGACY, '--registry-referrers-mode=oci-1-1'];
      await cosign(folder, ['sign', '-y', '--key', 'cosign.key', ...referrer, image.pinned], {
        COSIGN_EXPERIMENTAL: '1',
        COSIGN_REPOSITORY: elsewhere,
      });
      assert.equal((await verify(image.pinned, '')).storage, 'referrer');
      assert.equal(
        (await verify(image.pinned, `, signatures: { repository: "${elsewhere}" }`)).code,
        'UNSIGNED',
      );
    });

    test('a tag prefix, alone and in another repository', async () => {
      const image = await pushImageTo(registry.host, 'demo/prefixed', { tag: '1' });
      const elsewhere = `${registry.host}/signatures/prefixed`;
      const sign = ['sign', '-y', '--key', 'cosign.key', ...LEGACY, '--attachment-tag-prefix', 'prod-'];
      await cosign(folder, [...sign, image.pinned]);
      assert.equal((await verify(image.pinned, '')).code, 'UNSIGNED');
      assert.equal((await verify(image.pinned, ', signatures: { tagPrefix: prod- }')).code, 'VERIFIED');

      const both = `, signatures: { repository: "${elsewhere}", tagPrefix: prod- }`;
      assert.equal((await verify(image.pinned, both)).code, 'UNSIGNED');
      await cosign(folder, [...sign, image.pinned], { COSIGN_REPOSITORY: elsewhere });
      assert.equal((await verify(image.pinned, both)).code, 'VERIFIED');
    });
  });
}
