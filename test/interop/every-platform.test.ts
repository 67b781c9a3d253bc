// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../src/report/index.ts';
import { makeImage, makeIndex, pushImageTo, putManifestTo } from '../../src/testing/index.ts';
import { type RealRegistry, startDockerRegistry, startRefreg } from './registries.ts';
import { cosign, countersign, skipWithout } from './tools.ts';

const REGISTRIES = [
  { name: 'docker-registry (fallback tag)', tool: 'docker-registry', start: () => startDockerRegistry() },
  { name: 'refreg (referrers API)', tool: 'refreg', start: startRefreg },
] as const;

const FORMATS = [
  {
    name: 'legacy',
    sign: ['--tlog-upload=false', '--use-signing-config=false', '--new-bundle-format=false'],
  },
  { name: 'bundle', sign: ['--signing-config', 'sc.json', '--trusted-root', 'tr.json'] },
] as const;

for (const { name, tool, start } of REGISTRIES) {
  describe(`platforms: every, with cosign on ${name}`, { skip: skipWithout('cosign', tool) }, () => {
    let registry: RealRegistry;
    let folder: string;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'countersign-every-'));
      registry = await start();
      await cosign(folder, ['generate-key-pair']);
      await cosign(folder, ['signing-config', 'create', '--out', 'sc.json']);
      await cosign(folder, ['trusted-root', 'create', '--out', 'tr.json']);
      for (const platforms of ['index', 'every']) {
        writeFileSync(
          join(folder, `${platforms}.yaml`),
          `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: platforms }
signers:
  cosign: { key: { file: cosign.pub } }
rules:
  - { name: all, images: ["**"], require: cosign, platforms: ${platforms} }
`,
        );
      }
    });
    after(async () => {
      await registry?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const pushIndex = async (repository: string) => {
      const contents = ['amd64', 'arm64'].map((platform) => `${repository} ${platform}`);
      const images = [];
      for (const content of contents) images.push(await pushImageTo(registry.host, repository, { content }));
      const index = makeIndex(contents.map((content) => makeImage(content)));
      await putManifestTo(registry.host, repository, index.manifest, { mediaType: index.mediaType });
      return { images, pinned: `${registry.host}/${repository}@${index.digest}` };
    };
    const codeOf = async (image: string, platforms: 'index' | 'every') => {
      const policy = join(folder, `${platforms}.yaml`);
      const { stdout, stderr } = await countersign(['verify', image, '--policy', policy, '--output', 'json']);
      assert.ok(stdout, stderr);
      return (JSON.parse(stdout) as Report).images[0]?.code;
    };

    for (const { name: format, sign } of FORMATS) {
      const signWith = (reference: string, ...more: string[]) =>
        cosign(folder, ['sign', '-y', '--key', 'cosign.key', ...sign, ...more, reference]);

      test(`${format}: the index alone, then each image, then all of it`, async () => {
        const { images, pinned } = await pushIndex(`every/${format}`);
        await signWith(pinned);
        assert.deepEqual(
          [await codeOf(pinned, 'index'), await codeOf(pinned, 'every')],
          ['VERIFIED', 'UNSIGNED'],
        );

        const other = await pushIndex(`each/${format}`);
        for (const image of other.images) await signWith(image.pinned);
        assert.deepEqual(
          [await codeOf(other.pinned, 'index'), await codeOf(other.pinned, 'every')],
          ['UNSIGNED', 'VERIFIED'],
        );

        await signWith(pinned, '--recursive');
        assert.deepEqual(
          [await codeOf(pinned, 'index'), await codeOf(pinned, 'every')],
          ['VERIFIED', 'VERIFIED'],
        );
        assert.equal(await codeOf(images[0]?.pinned ?? '', 'every'), 'VERIFIED');
      });
    }
  });
}
