// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { createTestKey, createTestSigstore } from '../../src/testing/index.ts';
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

test('a file that is named like a digest is a file, as the protocol of the conformance suite has it', async (t) => {
  const key = createTestKey();
  const sign = (message: string) => createTestSigstore().signBundle({ key, content: { message } }).toString();
  const digest = `sha256:${createHash('sha256').update('another').digest('hex')}`;
  const folder = folderOf({
    'a.json': sign('content'),
    'b.json': sign('another'),
    'k.pub': key.publicKeyPem,
  });
  const home = process.cwd();
  process.chdir(folder.path('.'));
  t.after(() => {
    process.chdir(home);
    folder.close();
  });
  const exits = async () => {
    const of = async (bundle: string) =>
      (await runCommand(['verify-bundle', '--bundle', bundle, '--key', 'k.pub', digest])).exit;
    return [await of('a.json'), await of('b.json')];
  };
  assert.deepEqual(await exits(), [1, 0]);
  writeFileSync(digest, 'content');
  assert.deepEqual(await exits(), [0, 1]);
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
