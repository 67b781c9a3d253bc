// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicies } from '../../src/config/load-policies.ts';
import { PolicyError } from '../../src/policy/index.ts';
import { keysOf } from '../support/key-signer.ts';
import { mountVolume, temporaryFolder } from '../support/mounted-volume.ts';

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

function policy(name: string, rule = 'all'): string {
  return `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: ${name} }
signers: { release: { key: { file: cosign.pub } } }
rules: [{ name: ${rule}, images: ["**"], require: release }]
`;
}

function names(paths: readonly string[]): string[] {
  return loadPolicies(paths).map((one) => one.name);
}

test('a file is one source, its keys are beside it', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'cosign.pub'), KEY);
  writeFileSync(join(folder, 'p.txt'), policy('acme'));
  const [loaded] = loadPolicies([join(folder, 'p.txt')]);
  assert.equal(loaded?.source, join(folder, 'p.txt'));
  assert.equal(keysOf(loaded?.signers.get('release')).length, 1);
});

test('a folder gives its YAML and JSON files in order of name, and nothing else', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'cosign.pub'), KEY);
  writeFileSync(join(folder, 'b.yml'), policy('b'));
  writeFileSync(join(folder, 'a.yaml'), policy('a'));
  const json = {
    apiVersion: 'countersign.dev/v1',
    kind: 'TrustPolicy',
    metadata: { name: 'c' },
    rules: [{ name: 'none', images: ['docker.io/**'], allow: { reason: 'test', until: 'never' } }],
  };
  writeFileSync(join(folder, 'c.json'), JSON.stringify(json));
  writeFileSync(join(folder, '.d.yaml'), 'hidden: broken');
  writeFileSync(join(folder, 'e.yaml.bak'), 'other: broken');
  mkdirSync(join(folder, 'f.yaml'));
  assert.deepEqual(names([folder]), ['a', 'b', 'c']);
});

test('a mounted ConfigMap is a folder like any other', (t) => {
  const folder = temporaryFolder(t);
  mountVolume(folder, { 'acme.yaml': policy('acme'), 'cosign.pub': KEY });
  assert.deepEqual(names([folder]), ['acme']);
});

test('several paths are taken in the order given', (t) => {
  const [one, two] = [temporaryFolder(t), temporaryFolder(t)];
  for (const folder of [one, two]) writeFileSync(join(folder, 'cosign.pub'), KEY);
  writeFileSync(join(one, 'z.yaml'), policy('z'));
  writeFileSync(join(two, 'a.yaml'), policy('a'));
  assert.deepEqual(names([one, join(two, 'a.yaml')]), ['z', 'a']);
});

test('the errors of all documents are told at once, each with its file', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'a.yaml'), policy('a').replace('require: release', 'require: nobody'));
  writeFileSync(join(folder, 'b.yaml'), 'kind: Something\n');
  assert.throws(
    () => loadPolicies([folder]),
    (error: unknown) => {
      assert.ok(error instanceof PolicyError);
      assert.equal(error.code, 'POLICY_INVALID');
      const files = error.issues.map((issue) => issue.file);
      assert.deepEqual([...new Set(files)], [join(folder, 'a.yaml'), join(folder, 'b.yaml')]);
      assert.deepEqual(files.toSorted(), files, 'file by file');
      assert.match(error.message, /cosign\.pub/);
      return true;
    },
  );
});

test('a folder without a policy is an error, and so is no path at all', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'cosign.pub'), KEY);
  assert.throws(() => loadPolicies([folder]), { code: 'POLICY_INVALID', message: /found no policy/ });
  assert.throws(() => loadPolicies([]), { code: 'USAGE' });
});

test('two documents of one name are an error, in whichever files they are', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'cosign.pub'), KEY);
  writeFileSync(join(folder, 'a.yaml'), policy('acme', 'one'));
  writeFileSync(join(folder, 'b.yaml'), policy('acme', 'two'));
  assert.throws(() => loadPolicies([folder]), { code: 'POLICY_INVALID', message: /acme.*a\.yaml/ });
});

test('an absent file has a code', (t) => {
  const path = join(temporaryFolder(t), 'absent.yaml');
  assert.throws(() => loadPolicies([path]), { code: 'FILE_UNREADABLE' });
});

test('the answer is frozen', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'cosign.pub'), KEY);
  writeFileSync(join(folder, 'a.yaml'), policy('a'));
  const policies = loadPolicies([folder]);
  assert.ok(Object.isFrozen(policies) && policies.every((one) => Object.isFrozen(one)));
});
