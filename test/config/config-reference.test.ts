// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/index.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import { createTestCertificate } from '../../src/testing/index.ts';

const PAGE = readFileSync(new URL('../../docs/reference/config.md', import.meta.url), 'utf8');

/** The files that stand below a key. */
const FILES_OF: Readonly<Record<string, readonly string[]>> = {
  ca: ['.file'],
  clientCertificate: ['.cert.file', '.key.file'],
};

test('every Config shown in the reference is one', () => {
  const { certificate, privateKey } = createTestCertificate();
  const readFile = (name: string) => (name.includes('key') ? privateKey : certificate);
  const examples = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
  assert.ok(examples.length >= 3);
  for (const text of examples) parseConfig(text, { source: 'config.md', readFile });
});

type TrustRootShape = ReturnType<typeof ConfigSchema.shape.trustRoots.unwrap>['valueType']['shape'];

function trustRootKeys({ tuf, files, ...singles }: TrustRootShape): readonly string[] {
  const fileOf = (key: string) =>
    ['root', 'certificateChain', 'timestampChain'].includes(key) ? '.file' : '';
  const inner = [
    ...Object.keys(tuf.unwrap().shape).map((key) => `tuf.${key}${fileOf(key)}`),
    ...Object.keys(files.unwrap().shape).map((key) => `files.${key}${fileOf(key)}`),
  ];
  return [...Object.keys(singles), ...inner].map((key) => `trustRoots.NAME.${key}`);
}

test('every key of the schema is in the reference, and no other', () => {
  const row = /^\| `([a-zA-Z.]+)` +\|/gm;
  const documented = [...PAGE.matchAll(row)].map(([, key]) => key);
  const { registries, cache, trustRoots, ...top } = ConfigSchema.shape;
  const registry = registries.unwrap().valueType.shape;
  const known = [
    ...Object.keys(top),
    'registries',
    ...Object.keys(registry).flatMap((key) =>
      (FILES_OF[key] ?? ['']).map((file) => `registries.HOST.${key}${file}`),
    ),
    ...Object.keys(cache.unwrap().shape).map((key) => `cache.${key}`),
    'trustRoots',
    ...trustRootKeys(trustRoots.unwrap().valueType.shape),
  ];
  assert.deepEqual(documented.sort(), known.sort());
});
