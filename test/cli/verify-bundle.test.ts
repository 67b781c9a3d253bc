// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestKey } from '../../src/testing/index.ts';
import { folderOf, runCommand } from '../support/command.ts';

const FOLDER = folderOf({
  file: 'content',
  'bundle.json': '{}',
  'cosign.pub': createTestKey().publicKeyPem,
  'broken.pub': 'no PEM',
});
after(FOLDER.close);

const TARGET = ['--bundle', FOLDER.path('bundle.json'), FOLDER.path('file')];
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
    const { exit, stdout, stderr } = await runCommand(['verify-bundle', ...options, ...TARGET]);
    assert.deepEqual([exit, stdout], [2, '']);
    assert.match(stderr, /who must have signed\?.* \[USAGE\]/);
  });
}

test('a bundle that is none is rejected, and the hint speaks of no image', async () => {
  const { exit, stdout } = await runCommand(['verify-bundle', ...IDENTITY, ...ISSUER, ...TARGET]);
  assert.equal(exit, 1);
  assert.match(stdout, /^rejected BUNDLE_/);
  assert.doesNotMatch(stdout, /image|IMAGE|policy/);
});

test('the second of two identities does not take the place of the first', async () => {
  const two = [...IDENTITY, '--certificate-identity', 'kim@acme.example', ...ISSUER];
  const { exit, stderr } = await runCommand(['verify-bundle', ...two, ...TARGET]);
  assert.equal(exit, 2);
  assert.match(stderr, /given twice, "ann@acme\.example" and "kim@acme\.example" \[USAGE\]/);
});

test('a key file that is none is named', async () => {
  const { exit, stderr } = await runCommand(['verify-bundle', '--key', FOLDER.path('broken.pub'), ...TARGET]);
  assert.equal(exit, 2);
  assert.match(stderr, /--key .*broken\.pub: not PEM.*\[KEY_INVALID\]/);
});
