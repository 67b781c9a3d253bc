// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestKey } from '../../src/testing/index.ts';
import { folderOf, runCommand } from '../support/command.ts';

const FOLDER = folderOf({ file: 'content', 'bundle.json': '{}', 'cosign.pub': createTestKey().publicKeyPem });
after(FOLDER.close);

const ISSUER = ['--certificate-oidc-issuer', 'https://i.example'];
const IDENTITY = ['--certificate-identity', 'ann@acme.example'];

for (const [what, options] of [
  ['nobody', []],
  ['an identity without an issuer', IDENTITY],
  ['an issuer alone', ISSUER],
  ['an empty identity', ['--certificate-identity', '', ...ISSUER]],
  ['an empty issuer', [...IDENTITY, '--certificate-oidc-issuer', '']],
  ['an empty key', ['--key', '']],
  ['a key and an identity', ['--key', FOLDER.path('cosign.pub'), ...IDENTITY, ...ISSUER]],
] as const) {
  test(`of ${what} nothing is verified`, async () => {
    const target = ['--bundle', FOLDER.path('bundle.json'), FOLDER.path('file')];
    const { exit, stdout, stderr } = await runCommand(['verify-bundle', ...options, ...target]);
    assert.deepEqual([exit, stdout], [2, '']);
    assert.match(stderr, /who must have signed\?.* \[USAGE\]/);
  });
}
