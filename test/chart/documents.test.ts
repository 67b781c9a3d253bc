// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/index.ts';
import { compilePolicies } from '../../src/index.ts';
import { lintPolicy } from '../../src/policy/index.ts';
import { find, render } from '../support/helm.ts';
import { COMBINATIONS, POLICIES, POLICY } from './combinations.ts';

const NOW = Date.UTC(2026, 10, 22);

/** The files of a rendered ConfigMap. */
function filesOf(values: object, which: 'policies' | 'config' | 'trust'): Record<string, string> {
  return Object(find(render(values), 'ConfigMap', `countersign-${which}`).at('data').value);
}

/** The policies of a rendered ConfigMap, compiled as the server does. */
function policiesOf(values: object) {
  const files = filesOf(values, 'policies');
  const readFile = (name: string) => files[name] ?? assert.fail(name);
  return Object.entries(files)
    .filter(([name]) => name.endsWith('.yaml'))
    .flatMap(([source, text]) => compilePolicies(text, { source, readFile }));
}

const modesOf = (values: object) =>
  policiesOf(values).map(({ modes }) => modes.map(({ namespaces, mode }) => [namespaces, mode]));

for (const [name, values] of Object.entries(COMBINATIONS)) {
  test(`${name}: policies and Config are taken`, () => {
    assert.equal(policiesOf(values).length, 1);
    const files = filesOf(values, 'config');
    parseConfig(files['config.yaml'] ?? '', {
      source: 'config.yaml',
      readFile: (file) => files[file] ?? mountedTrust(values, file) ?? assert.fail(file),
    });
  });
}

/** A file of the volumes with trust roots; what is in a ConfigMap of the user's own, the chart cannot know. */
function mountedTrust(values: object, path: string): string | undefined {
  const [, folder, name = ''] = /^\/etc\/countersign\/(trust|trust-files)\/([^/]+)$/.exec(path) ?? [];
  if (folder === 'trust-files') return 'its own';
  return folder === 'trust' ? filesOf(values, 'trust')[name] : undefined;
}

test('without policies nothing is trusted, nothing is let in by a rule, and all of it is audited', () => {
  const [policy, ...others] = policiesOf({});
  assert.ok(policy && others.length === 0);
  const roads = lintPolicy(policy, NOW).filter(({ level }) => level === 'road-in');
  assert.deepEqual(
    roads.map(({ path }) => path),
    ['modes[0]'],
  );
});

test('a policy of the chart keeps its text, and says what the lists mean', () => {
  const values = {
    policies: POLICIES,
    enforce: { namespaces: ['shop', 'web'] },
    warn: { namespaces: ['test'] },
  };
  const text = filesOf(values, 'policies')['acme.yaml'] ?? '';
  assert.ok(text.startsWith(POLICY));
  assert.deepEqual(modesOf(values), [
    [
      [['shop', 'web'], 'enforce'],
      [['test'], 'warn'],
      [['*'], 'audit'],
    ],
  ]);
  assert.deepEqual(modesOf({ policies: POLICIES }), [[[['*'], 'audit']]]);
});

test('a policy that ends in a block of text, begins with a comment or has no last line end is completed all the same', () => {
  const key = POLICIES['cosign.pub'].trim().replaceAll('\n', '\n        ');
  const signers = `signers:\n  release:\n    key:\n      pem: |\n        ${key}`;
  const rules = 'rules: [{ name: all, images: ["**"], require: release }]';
  const head = 'apiVersion: countersign.dev/v1\nkind: TrustPolicy\nmetadata: { name: odd }';
  for (const text of [
    `# first\n---\n${head}\n${rules}\n${signers}`,
    `${head}\n${rules}\n${signers}\n\n\n`,
    `---\r\n${head}\r\n${signers}\n${rules}`,
  ])
    assert.deepEqual(modesOf({ policies: { 'odd.yaml': text } }), [[[['*'], 'audit']]]);
});

test('policies that say modes themselves are left as they are', () => {
  const text = `${POLICY}modes: [{ namespaces: ["dev-*"], mode: warn }]\n`;
  const values = { policies: { ...POLICIES, 'acme.yaml': text }, modes: { from: 'policies' } };
  assert.equal(filesOf(values, 'policies')['acme.yaml'], text);
});
