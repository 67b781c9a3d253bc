// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { isTag } from '../../src/image/reference.ts';
import { LIMITS } from '../../src/limits.ts';
import { checkPolicyNames, compilePolicies, compilePolicy, PolicyError } from '../../src/policy/index.ts';
import { keysOf } from '../support/key-signer.ts';
import { documentOf, issuesOf, KEY_FILES, makeKey, policyOf, readFile } from '../support/policy.ts';

const OPTIONS = { source: 'policy.yaml', readFile };
const RULES = 'rules:\n  - { name: r, images: ["**"], require: a }\n';

test('a document becomes rules, signers and modes', () => {
  const policy = policyOf(`rules:
  - name: one
    images: [nginx]
    except: ["nginx:debug"]
    namespaces: [prod]
    namespaceLabels: { tier: "1" }
    require: { all: [a, { any: [b, c] }, { atLeast: 2, of: [a, b, c] }] }
    mode: warn
    pin: all
    tags: forbid
  - name: two
    images: ["**"]
    allow: { reason: "  read\\n  and  reviewed ", until: 2027-03-01 }
  - { name: three, images: ["**"], allow: { reason: x, until: never } }
  - { name: four, images: ["**"], require: a, unsafePin: never }
modes:
  - { namespaces: [dev], mode: audit }
`);
  const [one, two, three, four] = policy.rules;
  assert.equal(policy.name, 'test');
  assert.equal(policy.source, 'policy.yaml');
  assert.deepEqual([one?.mode, one?.pin, one?.forbidTags, one?.allow], ['warn', 'all', true, undefined]);
  assert.deepEqual(one?.namespaceLabels, { tier: '1' });
  assert.equal(one?.require?.kind, 'all');
  assert.deepEqual(
    [two?.pin, two?.forbidTags, two?.require, two?.mode],
    ['pods', false, undefined, undefined],
  );
  assert.deepEqual(two?.allow, { reason: 'read and reviewed', until: Date.parse('2027-03-02T00:00:00Z') });
  assert.equal(three?.allow?.until, 'never');
  assert.equal(four?.pin, 'never');
  assert.deepEqual(policy.modes, [{ namespaces: ['dev'], mode: 'audit' }]);
  assert.deepEqual([policy.lines.get('rules[0].except'), policy.lines.get('rules[1]')], [11, 18]);
});

test('platforms is index unless the rule says every', () => {
  const every = ['', ', platforms: index', ', platforms: every'].map(
    (key) => policyOf(`rules: [{ name: r, images: [x], require: a${key} }]\n`).rules[0]?.everyPlatform,
  );
  assert.deepEqual(every, [false, false, true]);
});

test('where signatures are looked for is canonical', () => {
  const places = ['repository: sigs', 'repository: index.docker.io/a/b, tagPrefix: _p.-', 'tagPrefix: p'].map(
    (place) =>
      policyOf(`rules: [{ name: r, images: [x], require: a, signatures: { ${place} } }]\n`).rules[0]
        ?.signatures,
  );
  assert.deepEqual(places, [
    { repository: { registry: 'docker.io', repository: 'library/sigs' }, tagPrefix: '' },
    { repository: { registry: 'docker.io', repository: 'a/b' }, tagPrefix: '_p.-' },
    { tagPrefix: 'p' },
  ]);
  const longest = 'p'.repeat(53);
  const body = `rules: [{ name: r, images: [x], require: a, signatures: { tagPrefix: ${longest} } }]\n`;
  assert.ok(isTag(`${policyOf(body).rules[0]?.signatures?.tagPrefix}sha256-${'a'.repeat(64)}.sig`));
});

test('signers have their keys, in order, with what the policy says of them', () => {
  const inline = makeKey();
  const policy = compilePolicy(
    `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: x }
signers:
  s:
    key:
      - { file: a.pub, hash: sha512, notBefore: 2026-01-01, notAfter: 2026-12-31 }
      - pem: |
${inline.pem.replace(/^/gm, '          ')}
        notBefore: 2026-06-01T00:00:00+02:00
    annotations: { env: prod }
    signedIdentity: repository
rules:
  - { name: r, images: ["**"], require: s }
`,
    OPTIONS,
  );
  const signer = policy.signers.get('s');
  const [file, pem] = keysOf(signer);
  assert.deepEqual(signer?.annotations, { env: 'prod' });
  assert.equal(signer?.signedIdentity, 'repository');
  assert.deepEqual(
    [file?.source, file?.hash, file?.notBefore, file?.notAfter],
    ['a.pub', 'sha512', Date.parse('2026-01-01T00:00:00Z'), Date.parse('2026-12-31T23:59:59.999Z')],
  );
  assert.deepEqual([pem?.source, pem?.hash, pem?.notAfter], ['inline', undefined, undefined]);
  assert.equal(pem?.notBefore, Date.parse('2026-05-31T22:00:00Z'));
  assert.ok(pem?.key.equals(inline.publicKey));
  assert.ok(file?.key.equals(createPublicKey(KEY_FILES['a.pub'] ?? '')));
});

test('one signer of several rules is one object, and its keys are made once', () => {
  const policy = policyOf(
    'rules:\n  - { name: r, images: [x], require: a }\n  - { name: s, images: [y], require: a }\n',
  );
  const [first, second] = policy.rules.map(({ require }) =>
    require?.kind === 'signer' ? require.signer : undefined,
  );
  assert.equal(first, policy.signers.get('a'));
  assert.equal(first, second);
});

test('a compiled policy cannot be changed anywhere', () => {
  const policy = policyOf(`${RULES}modes:\n  - { namespaces: [dev], mode: audit }\n`);
  const seen = new Set<unknown>();
  const check = (value: unknown, path: string): void => {
    if (
      typeof value !== 'object' ||
      value === null ||
      seen.has(value) ||
      value.constructor.name.endsWith('KeyObject')
    )
      return;
    seen.add(value);
    assert.ok(Object.isFrozen(value), path);
    const inner = value instanceof Map ? [...value.entries()] : Object.entries(value);
    for (const [key, each] of inner) check(each, `${path}.${key}`);
  };
  check(policy, 'policy');
  assert.ok(seen.size > 10);
  assert.throws(() => (policy.signers as Map<string, unknown>).set('a', {}), TypeError);
  assert.throws(() => (policy.signers as Map<string, unknown>).delete('a'), TypeError);
  assert.throws(() => (policy.signers as Map<string, unknown>).clear(), TypeError);
  assert.throws(() => Object.assign(policy.rules[0] ?? {}, { forbidTags: false }), TypeError);
});

test('the fingerprint changes with the text and with the keys, and with nothing else', () => {
  const compile = (text: string, read = readFile) =>
    compilePolicy(text, { source: 's', readFile: read }).fingerprint;
  const text = documentOf(RULES);
  const same = compile(text);
  assert.match(same, /^sha256:[0-9a-f]{64}$/);
  assert.equal(compile(text), same);
  assert.equal(
    compile(text, (name) => `# a comment\n${readFile(name)}`),
    same,
  );
  assert.notEqual(compile(`${text}# x\n`), same);
  assert.notEqual(
    compile(text, (name) => readFile(name === 'a.pub' ? 'b.pub' : name)),
    same,
  );
  const other = makeKey().pem;
  assert.notEqual(
    compile(text, (name) => (name === 'c.pub' ? other : readFile(name))),
    same,
  );
});

test('the fingerprint tells an RSA key from the same key bound to PSS', () => {
  const der = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    type: 'spki',
    format: 'der',
  });
  const content = Buffer.concat([Buffer.from('300b06092a864886f70d01010a', 'hex'), der.subarray(19)]);
  const pss = Buffer.concat([Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff]), content]);
  const prints = [der, pss].map((bytes) => {
    const pem = `-----BEGIN PUBLIC KEY-----\n${bytes.toString('base64')}\n-----END PUBLIC KEY-----\n`;
    return compilePolicy(documentOf(RULES), {
      source: 's',
      readFile: (name) => (name === 'a.pub' ? pem : readFile(name)),
    });
  });
  assert.notEqual(prints[0]?.fingerprint, prints[1]?.fingerprint);
  assert.equal(
    keysOf(prints[0]?.signers.get('a'))[0]?.fingerprint,
    keysOf(prints[1]?.signers.get('a'))[0]?.fingerprint,
  );
});

test('a file may hold several documents, each a policy of its own', () => {
  const text = `# two\n---\n${documentOf(RULES, 'one')}---\n${documentOf(RULES, 'two')}---\n`;
  const policies = compilePolicies(text, OPTIONS);
  assert.deepEqual(
    policies.map((policy) => policy.name),
    ['one', 'two'],
  );
  assert.notEqual(policies[0]?.fingerprint, policies[1]?.fingerprint);
  assert.equal(policies[1]?.lines.get('rules[0]'), 21);
  assert.throws(() => compilePolicy(text, OPTIONS), /found 2 documents/);
});

test('the issues of all documents are told, and two of one name are one', () => {
  const issues = issuesOf(`${documentOf('rulez: []\n', 'one')}---\n${documentOf('rules: 3\n', 'two')}`);
  assert.deepEqual(
    issues.map(({ line, path }) => [line, path]),
    [
      [1, 'rules'],
      [8, 'rulez'],
      [17, 'rules'],
    ],
  );
  const twice = issuesOf(`${documentOf(RULES)}---\n${documentOf(RULES)}`);
  assert.deepEqual(
    twice.map(({ path }) => path),
    ['metadata.name'],
  );
  const policy = policyOf(RULES);
  assert.throws(() => checkPolicyNames([policy, policy]), PolicyError);
  checkPolicyNames([policy, policyOf(RULES, 'other')]);
});

test('JSON is YAML', () => {
  const document = {
    apiVersion: 'countersign.dev/v1',
    kind: 'TrustPolicy',
    metadata: { name: 'x' },
    signers: { s: { key: { pem: KEY_FILES['a.pub'] } } },
    rules: [{ name: 'r', images: ['**'], require: 's' }],
  };
  assert.equal(keysOf(compilePolicy(JSON.stringify(document), OPTIONS).signers.get('s')).length, 1);
});

test('anchors and aliases work, and each use is checked', () => {
  const text = documentOf(`rules:
  - { name: r, images: &all ["reg.io/**"], require: a }
  - { name: s, images: *all, require: &bad nobody }
  - { name: t, images: *all, require: *bad }
`);
  assert.deepEqual(
    issuesOf(text).map(({ path }) => path),
    ['rules[1].require', 'rules[2].require'],
  );
});

test('the error is a POLICY_INVALID that lists every issue, one per line', () => {
  try {
    compilePolicy(documentOf('rules:\n  - { name: r, images: ["**"], require: x, mode: y }\n'), OPTIONS);
    assert.fail();
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    assert.equal(error.code, 'POLICY_INVALID');
    assert.deepEqual(error.message.split('\n'), [
      'policy.yaml:9:41: rules[0].require: unknown signer "x" (did you mean "a"? allowed: a, b, c)',
      'policy.yaml:9:50: rules[0].mode: found "y" (allowed: enforce, warn, audit)',
    ]);
  }
});

test('one over each bound', () => {
  const messages = (text: string) =>
    issuesOf(text)
      .map(({ message }) => message)
      .join('\n');
  const rules = (n: number) =>
    Array.from({ length: n }, (_, i) => `  - {name: r${i}, images: ["**"], require: a}\n`).join('');
  assert.equal(messages(documentOf(`rules:\n${rules(LIMITS.rules)}`)), '');
  assert.match(messages(documentOf(`rules:\n${rules(LIMITS.rules + 1)}`)), /more than 1000 rules/);

  const keys = (n: number) => `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: x }
signers: { s: { key: [${'{file: a.pub},'.repeat(n)}] } }
rules: [{ name: r, images: ["**"], require: s }]
`;
  assert.equal(messages(keys(LIMITS.keysPerSigner)), '');
  assert.match(messages(keys(LIMITS.keysPerSigner + 1)), /more than 32 keys/);

  const signers = (n: number) =>
    keys(1).replace(
      '{ s:',
      `{ ${Array.from({ length: n - 1 }, (_, i) => `s${i}: {key: {file: a.pub}}, `).join('')} s:`,
    );
  assert.equal(messages(signers(LIMITS.signers)), '');
  assert.match(messages(signers(LIMITS.signers + 1)), /more than 1000 signers/);

  const entries = (n: number) =>
    documentOf(`rules: [{ name: r, images: ["**"], require: { any: [${'a,'.repeat(n)}] } }]`);
  assert.equal(messages(entries(LIMITS.requirementEntries - 1)), '');
  assert.match(messages(entries(LIMITS.requirementEntries)), /65 entries \(allowed: 64\)/);

  const depth = (n: number) =>
    documentOf(`rules: [{ name: r, images: ["**"], require: ${'{any: ['.repeat(n)}a${']}'.repeat(n)} }]`);
  assert.equal(messages(depth(LIMITS.requirementDepth)), '');
  assert.match(messages(depth(LIMITS.requirementDepth + 1)), /nested deeper than 8/);

  const padded = (n: number) => documentOf(RULES).padEnd(n, '#');
  assert.equal(messages(padded(LIMITS.documentBytes)), '');
  assert.match(messages(padded(LIMITS.documentBytes + 1)), /larger than 1048576 bytes/);
});
