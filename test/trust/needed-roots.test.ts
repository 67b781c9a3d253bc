// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy } from '../../src/policy/index.ts';
import { createTestKey } from '../../src/testing/index.ts';
import { neededRoots } from '../../src/trust/index.ts';

const PEM = createTestKey().publicKeyPem;
const KEY = 'key: { file: cosign.pub }';
const KEYLESS = 'keyless: { issuer: https://a.example, subject: ann@acme.example }';

function rootsFor(...signers: readonly string[]): readonly string[] {
  const lines = signers.map((signer, index) => `  s${index}: { ${signer} }\n`).join('');
  const text = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers:
${lines}rules: [{ name: all, images: ["**"], require: { any: [${signers.map((_, index) => `s${index}`)}] } }]
`;
  return neededRoots([compilePolicy(text, { source: 'policy.yaml', readFile: () => PEM })]);
}

test('which trust roots the signers of policies need', () => {
  assert.deepEqual(rootsFor(KEY), [], 'a key is proof by itself');
  assert.deepEqual(rootsFor(KEYLESS), ['default']);
  assert.deepEqual(rootsFor(`${KEYLESS}, trustRoot: corp`, KEYLESS, KEY), ['corp', 'default']);
  assert.deepEqual(rootsFor(`${KEY}, log: required, trustRoot: logs`), ['logs'], 'a log speaks for the key');
});
