// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { createTestCa } from '../../src/testing/index.ts';
import { CHART, DIGEST, helm, notesOf, REPOSITORY, refusalOf, render } from '../support/helm.ts';
import { ROOT } from '../support/pages.ts';
import { COMBINATIONS, POLICIES, POLICY } from './combinations.ts';

const image = { repository: REPOSITORY, digest: DIGEST };

test('helm lint has nothing to say, without values and with an image', () => {
  for (const values of [{}, { image }]) {
    const { status, stdout } = helm(['lint', '--strict', CHART, '--values', '-'], JSON.stringify(values));
    assert.equal(status, 0, stdout);
  }
});

test('chart, application and package have one version', () => {
  const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
});

test('every value has a default, a place in the schema, and a comment or a name that says it', () => {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  const { properties } = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'));
  const { global, ...own } = properties;
  assert.deepEqual(Object.keys(values).sort(), Object.keys(own).sort());
  for (const [name, value] of Object.entries(values)) {
    const known = own[name].properties;
    if (own[name].additionalProperties !== false) continue;
    assert.deepEqual(Object.keys(Object(value)).sort(), Object.keys(known).sort(), name);
  }
});

test('the README of the chart names each value, and none that is not there', () => {
  const values: unknown = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  const readme = readFileSync(join(CHART, 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| (`.*?) +\|/gm)].map(([, names = '']) => names);
  const others = readme.split('\nAlso ')[1] ?? '';
  const named = [...rows, others].flatMap((text) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  for (const name of named) {
    const at = name.split('.').reduce((here: unknown, key) => Object(here)[key], values);
    assert.notEqual(at, undefined, name);
  }
  const tops = new Set(named.map((name) => name.replace(/\..*/, '')));
  assert.deepEqual([...tops].sort(), Object.keys(Object(values)).sort());
});

for (const [name, values] of Object.entries(COMBINATIONS)) {
  test(`${name}: every namespaced object is in a namespace, and no two objects are one`, () => {
    const objects = render(values);
    const cluster = /^(?:ClusterRole|ClusterRoleBinding|(?:Mutating|Validating)WebhookConfiguration)$/;
    for (const { kind, namespace } of objects)
      assert.equal(namespace === undefined, cluster.test(kind), `${kind} ${namespace}`);
    const ids = objects.map(({ kind, namespace, name: id }) => `${kind}/${namespace}/${id}`);
    assert.equal(new Set(ids).size, ids.length);
  });
}

test('who installs is warned where pull secrets are read for everybody who asks', () => {
  const pullSecrets = { namespaces: ['shop', 'web'] };
  const notes = notesOf({ pullSecrets });
  assert.match(notes, /WARNING: pullSecrets\.namespaces is set without clientCa/);
  assert.match(notes, /shop, web\.\nSet clientCa[\s\S]*networkPolicy/);
  const clientCa = createTestCa().certificate;
  for (const values of [{}, { pullSecrets, clientCa }]) {
    assert.match(notesOf(values), /^Countersign is asked/);
    assert.doesNotMatch(notesOf(values), /WARNING/);
  }
});

describe('refused', () => {
  const enforce = (...namespaces: string[]) => ({ enforce: { namespaces } });
  const policies = POLICIES;
  const refusals: Record<string, [object, RegExp]> = {
    'no image': [{ image: {} }, /image\.repository: name the repository/],
    'an unknown value': [{ polices: {} }, /'polices' not allowed/],
    'an unknown value inside': [{ enforce: { namespace: ['shop'] } }, /'namespace' not allowed/],
    'a list emptied by null': [
      { enforce: { namespaces: null } },
      /'\/enforce': missing property 'namespaces'/,
    ],
    'modes of nobody, which would enforce everywhere': [
      { modes: { from: null }, policies },
      /missing property 'from'/,
    ],
    'no mode of certificate': [{ certificate: { mode: null } }, /missing property 'mode'/],
    'no block of values': [{ pullSecrets: null }, /missing property 'pullSecrets'/],
    'kube-system, to be enforced': [{ ...enforce('kube-system'), policies }, /kube-system holds what/],
    'the namespace of the release without a digest': [
      { ...enforce('trust'), policies },
      /trust is the namespace of this release: .* Set image\.digest/,
    ],
    'a pattern for a namespace': [{ ...enforce('shop-*'), policies }, /does not match pattern/],
    'enforcing without a policy': [enforce('shop'), /without policies nothing is trusted/],
    'a namespace both enforced and warned': [
      { ...enforce('shop'), warn: { namespaces: ['shop'] }, policies },
      /shop is in enforce\.namespaces too/,
    ],
    'keys without a policy': [{ policies: { 'cosign.pub': 'x' } }, /there are keys only/],
    'a policy with modes of its own': [
      { policies: { 'a.yaml': `${POLICY}modes: []\n` } },
      /policies\.a\.yaml: it has modes of its own.*modes\.from=policies/,
    ],
    'several documents in one policy': [
      { policies: { 'a.yaml': `${POLICY}---\n${POLICY}` } },
      /it holds several documents: make a file of each/,
    ],
    'a policy in JSON': [{ policies: { 'a.json': '{"rules": []}' } }, /no line begins with rules/],
    'a policy by a path': [{ policies: { '../a.yaml': POLICY } }, /does not match pattern/],
    'a trust root in two places': [
      {
        trust: {
          roots: { corp: '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' },
        },
        config: { trustRoots: { corp: { tuf: {} } } },
      },
      /trust\.roots: corp is in config\.trustRoots too/,
    ],
    'a trust root that is none': [{ trust: { roots: { corp: 'x' } } }, /does not match pattern/],
    'a digest that is none': [{ image: { ...image, digest: 'sha256:a1' } }, /does not match pattern/],
    'a repository with a tag': [{ image: { repository: 'reg.io/x:1' } }, /does not match pattern/],
    'a repository that ends the text it is put into': [
      { image: { ...image, repository: "reg.io/x'||'" } },
      /does not match pattern/,
    ],
    'all namespaces and one more': [{ pullSecrets: { namespaces: ['*', 'shop'] } }, /pullSecrets/],
    'files without a Secret': [{ certificate: { mode: 'files' } }, /needs certificate\.existingSecret/],
    'a Secret that is not used': [
      { certificate: { existingSecret: 'x' } },
      /are for certificate\.mode: files/,
    ],
    'a private key as client CA': [{ clientCa: '-----BEGIN PRIVATE KEY-----' }, /clientCa/],
    'a Config under our own name': [{ configFiles: { 'config.yaml': 'x' } }, /config\.yaml/],
    'another folder of credentials': [{ extraEnv: [{ name: 'DOCKER_CONFIG', value: '/' }] }, /extraEnv/],
  };
  for (const [name, [values, message]] of Object.entries(refusals))
    test(name, () => assert.match(refusalOf(values), message));
});
