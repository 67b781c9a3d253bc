// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compilePolicies, lintPolicy, policyJsonSchema } from '../../src/policy/index.ts';

const schema = policyJsonSchema();

/** The node under keys of the schema. */
function at(...path: string[]): Record<string, unknown> {
  let node: unknown = schema;
  for (const key of path) node = (node as Record<string, unknown>)[key];
  return node as Record<string, unknown>;
}

function keysOf(...path: string[]): string[] {
  return Object.keys(at(...path));
}

test('the JSON Schema is of draft 7, and allows no other keys', () => {
  assert.equal(schema['$schema'], 'http://json-schema.org/draft-07/schema#');
  assert.equal(schema['additionalProperties'], false);
  assert.deepEqual(schema['required'], ['apiVersion', 'kind', 'metadata', 'rules']);
  const open: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node && !('additionalProperties' in node)) open.push(path);
    for (const [key, inner] of Object.entries(node)) visit(inner, `${path}/${key}`);
  };
  visit(schema, '');
  assert.deepEqual(open, []);
});

test('the JSON Schema has exactly the keys that this version knows', () => {
  const signer = ['properties', 'signers', 'additionalProperties', 'properties'];
  assert.deepEqual(keysOf('properties'), ['apiVersion', 'kind', 'metadata', 'signers', 'rules', 'modes']);
  assert.deepEqual(keysOf(...signer), [
    ...['key', 'keyless', 'trustRoot', 'log', 'timestamps', 'scts', 'unsafeNoTime'],
    ...['annotations', 'signedIdentity'],
  ]);
  assert.deepEqual(keysOf(...signer, 'keyless', 'properties'), [
    ...['issuer', 'issuerRegexp', 'subject', 'subjectRegexp', 'unsafeAnySubject'],
    ...['claims', 'claimsRegexp', 'unsafeAnyCaller'],
  ]);
  assert.deepEqual(keysOf('properties', 'rules', 'items', 'properties'), [
    'name',
    'images',
    'except',
    'namespaces',
    'namespaceLabels',
    'require',
    'attestations',
    'allow',
    'signatures',
    'platforms',
    'mode',
    'pin',
    'unsafePin',
    'tags',
  ]);
  const key = at(...signer, 'key')['anyOf'] as { properties: Record<string, unknown> }[];
  assert.deepEqual(Object.keys(key[0]?.properties ?? {}), ['file', 'pem', 'hash', 'notBefore', 'notAfter']);
});

test('what a rule and a key must have one of stands in the JSON Schema', () => {
  assert.deepEqual(at('properties', 'rules', 'items')['oneOf'], [
    { anyOf: [{ required: ['require'] }, { required: ['attestations'] }] },
    { required: ['allow'] },
  ]);
});

test('requirements nest through a definition', () => {
  const text = JSON.stringify(schema);
  assert.match(text, /"#\/definitions\/Requirement"/);
  assert.equal((at('definitions', 'Requirement')['anyOf'] as unknown[]).length, 4);
});

const examples = new URL('../../examples/policies/', import.meta.url);
const now = Date.parse('2026-11-22T00:00:00Z');

for (const name of readdirSync(examples).filter((file) => file.endsWith('.yaml'))) {
  test(`examples/policies/${name} is valid, and lint warns of nothing`, () => {
    const policies = compilePolicies(readFileSync(new URL(name, examples), 'utf8'), {
      source: name,
      readFile: (file) => readFileSync(new URL(file, examples), 'utf8'),
    });
    const findings = policies.flatMap((policy) => lintPolicy(policy, now));
    assert.deepEqual(
      findings.filter(({ level }) => level !== 'road-in'),
      [],
    );
  });
}
