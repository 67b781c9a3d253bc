// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { policyJsonSchema } from '../../src/policy/index.ts';
import { createTestKey } from '../../src/testing/index.ts';
import { type Folder, folderOf, runCommand } from '../support/command.ts';

const POLICY = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: acme }
signers:
  release: { key: { file: cosign.pub } }
  spare: { key: { file: cosign.pub } }
rules:
  - name: vendor
    images: ["docker.io/library/redis"]
    allow: { reason: "reviewed in SEC-214", until: never }
  - name: acme
    images: ["registry.acme.example/**"]
    namespaces: ["shop"]
    require: release
modes:
  - { namespaces: ["dev-*"], mode: audit }
`;
const BROKEN = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: broken }
rules:
  - name: a
    images: ["registry.acme.example"]
    requires: nobody
`;

const ANY_CALLER = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: any-caller }
signers:
  release:
    keyless:
      issuer: https://token.actions.githubusercontent.com
      subject: https://github.com/acme/workflows/.github/workflows/release.yaml@refs/heads/main
rules: [{ name: a, images: ["**"], require: release }]
`;

describe('countersign policy', () => {
  let folder: Folder;
  let policy: string;
  before(() => {
    const { publicKeyPem } = createTestKey('ecdsa-p256');
    folder = folderOf({
      'policy.yaml': POLICY,
      'broken.yaml': BROKEN,
      'any-caller.yaml': ANY_CALLER,
      'cosign.pub': publicKeyPem,
    });
    policy = folder.path('policy.yaml');
  });
  after(() => folder.close());

  test('lint prints every road in and every warning with its place; only errors are 2', async () => {
    const { exit, stdout, stderr } = await runCommand(['policy', 'lint', policy]);
    assert.equal(exit, 0);
    for (const line of stdout.trimEnd().split('\n')) assert.ok(line.startsWith(`${policy}:`), line);
    assert.match(stdout, /:10: road-in: .*SEC-214/);
    assert.match(stdout, /:16: road-in: .*audit/);
    assert.match(stdout, /: warning: .*spare/);
    assert.match(stderr, /^countersign: 0 errors, \d+ warnings?, 2 roads in\n$/);
  });

  test('lint prints every error at once, and ends with 2', async () => {
    const { exit, stdout, stderr } = await runCommand(['policy', 'lint', folder.path('broken.yaml')]);
    assert.equal(exit, 2);
    assert.match(stdout, /broken\.yaml:6: error: rules\[0\]\.images\[0\]/);
    assert.match(stdout, /broken\.yaml:7: error: .*requires/);
    assert.match(stderr, /^countersign: [2-9] errors, 0 warnings, 0 roads in\n$/);
  });

  test('lint fails what loads, where any repository could call the workflow that signs', async () => {
    const { exit, stdout } = await runCommand(['policy', 'lint', folder.path('any-caller.yaml')]);
    assert.equal(exit, 2);
    assert.match(
      stdout,
      /any-caller\.yaml:6: error: signers\.release\.keyless: signer release names no source/,
    );
    const args = ['policy', 'explain', '--policy', folder.path('any-caller.yaml'), 'nginx'];
    assert.match((await runCommand(args)).stdout, /release is "https:\/\/github\.com\/acme\/.*" of issuer/);
  });

  test('lint of files and of --policy, as json', async () => {
    const args = ['policy', 'lint', '--policy', policy, '--output', 'json'];
    const { exit, stdout } = await runCommand(args);
    assert.equal(exit, 0);
    const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
    assert.ok(findings.length >= 3);
    for (const finding of findings) {
      assert.deepEqual(Object.keys(finding).sort(), ['file', 'level', 'line', 'message', 'path']);
    }
  });

  test('lint without a file: 2', async () => {
    const { exit, stdout, stderr } = await runCommand(['policy', 'lint']);
    assert.deepEqual([exit, stdout], [2, '']);
    assert.match(stderr, /policy lint FILE \[USAGE\]\nhint: /);
  });

  test('explain says which rule decides, and why no earlier one', async () => {
    const image = 'registry.acme.example/web:1.4';
    const { exit, stdout, stderr } = await runCommand([
      ...['policy', 'explain', image, '--policy', policy, '--namespace', 'shop'],
    ]);
    assert.deepEqual([exit, stderr], [0, '']);
    const [first, second, ...rules] = stdout.trimEnd().split('\n');
    assert.deepEqual([first, second], [image, 'policy acme, mode enforce']);
    assert.match(rules[0] ?? '', /policy\.yaml:8: vendor does not match: /);
    assert.match(rules[1] ?? '', /policy\.yaml:11: acme decides: requires a signature by release/);
  });

  test('explain of an image that no rule speaks for, and in a namespace with another mode', async () => {
    const args = ['policy', 'explain', 'quay.io/x/y', '--policy', policy, '--namespace', 'dev-1'];
    const { exit, stdout } = await runCommand(args);
    assert.equal(exit, 0);
    assert.match(stdout, /^quay\.io\/x\/y:latest\npolicy acme, mode audit\n/);
    assert.match(stdout, /no rule speaks for this image: NO_RULE, and mode audit lets it in in silence\n$/);
  });

  test('explain as json', async () => {
    const args = ['policy', 'explain', 'redis', '--policy', policy, '--output', 'json'];
    const { image, explanations } = JSON.parse((await runCommand(args)).stdout);
    assert.equal(image, 'redis');
    assert.deepEqual([explanations[0].policy, explanations[0].rules[0].outcome], ['acme', 'matches']);
  });

  test('explain of a reference that is none, or without a policy: 2', async () => {
    const bad = await runCommand(['policy', 'explain', 'Not An Image', '--policy', policy]);
    assert.deepEqual([bad.exit, bad.stdout], [2, '']);
    assert.match(bad.stderr, /\[REFERENCE_INVALID\]\nhint: write it as/);
    assert.equal((await runCommand(['policy', 'explain', 'redis'])).exit, 2);
  });

  test('schema prints the JSON Schema', async () => {
    const { exit, stdout, stderr } = await runCommand(['policy', 'schema']);
    assert.deepEqual([exit, stderr], [0, '']);
    assert.deepEqual(JSON.parse(stdout), policyJsonSchema());
  });
});
