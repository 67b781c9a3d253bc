// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageReference } from '../../src/image/reference.ts';
import { type CompiledPolicy, match, type Scope } from '../../src/policy/index.ts';
import { defaultMode } from '../../src/policy/scope.ts';
import { policyOf } from '../support/policy.ts';

const D = `sha256:${'d'.repeat(64)}`;

/** `policy/rule mode [!]` for each deciding rule, `!` where the tag must be confirmed; `?` before undecided ones. */
function decide(policies: readonly CompiledPolicy[], image: string, scope: Scope = {}): string[] {
  const { rules, undecided } = match(policies, parseImageReference(image), scope);
  return [
    ...rules.map(
      ({ policy, rule, mode, confirmTag }) => `${policy.name}/${rule.name} ${mode}${confirmTag ? ' !' : ''}`,
    ),
    ...undecided.map(({ policy, rule, mode, code }) => `?${policy.name}/${rule.name} ${mode} ${code}`),
  ];
}

const first = policyOf(`rules:
  - { name: corp, images: ["reg.io/corp/**"], except: ["reg.io/corp/tools/**", "reg.io/corp/web:debug"], require: a }
  - { name: tools, images: ["reg.io/corp/tools/*"], require: b }
  - { name: dev, images: ["reg.io/**"], namespaces: ["dev-*", sandbox], require: b, mode: warn }
  - { name: pinned-tag, images: ["reg.io/app:1.*"], require: c }
  - { name: rest, images: ["reg.io/**"], require: { any: [a, b] } }
modes:
  - { namespaces: ["dev-*"], mode: audit }
  - { namespaces: ["*-b", stage], mode: warn }
`);

/** Image, namespace, what decides. */
const ROWS: readonly (readonly [string, string | undefined, readonly string[]])[] = [
  ['reg.io/corp/web', 'prod', ['test/corp enforce']],
  ['reg.io/corp/web', undefined, ['test/corp enforce']],
  ['reg.io/corp/web', 'dev-a', ['test/corp audit']],
  ['reg.io/corp/web', 'stage', ['test/corp warn']],
  ['reg.io/corp/web', 'dev-b', ['test/corp audit']],
  ['reg.io/corp/web', 'team-b', ['test/corp warn']],
  ['reg.io/corp/web', 'xdev-a', ['test/corp enforce']],
  ['reg.io/corp/web', 'dev', ['test/corp enforce']],
  ['reg.io/corp/web', '', ['test/corp enforce']],
  ['reg.io/corp/tools/x', 'prod', ['test/tools enforce']],
  ['reg.io/corp/tools/x/y', 'prod', ['test/rest enforce']],
  ['reg.io/other', 'prod', ['test/rest enforce']],
  ['reg.io/other', 'dev-1', ['test/dev warn']],
  ['reg.io/other', 'sandbox', ['test/dev warn']],
  ['reg.io/other', 'sandbox-2', ['test/rest enforce']],
  ['reg.io/other', 'my-sandbox', ['test/rest enforce']],
  ['reg.io/other', undefined, ['test/rest enforce']],
  ['reg.io/other', '', ['test/rest enforce']],
  ['reg.io/corp', 'prod', ['test/rest enforce']],
  ['reg.io/corp-evil/web', 'prod', ['test/rest enforce']],
  ['reg.io.evil.example/corp/web', 'prod', []],
  ['evil.example/reg.io/corp/web', 'prod', []],
  ['nginx', 'prod', []],
  // tags beside digests are claims
  ['reg.io/app:1.2', 'prod', ['test/pinned-tag enforce']],
  [`reg.io/app:1.2@${D}`, 'prod', ['test/pinned-tag enforce !']],
  [`reg.io/app@${D}`, 'prod', ['test/rest enforce']],
  [`reg.io/app:2@${D}`, 'prod', ['test/rest enforce']],
  ['reg.io/corp/web:debug', 'prod', ['test/rest enforce']],
  [`reg.io/corp/web:debug@${D}`, 'prod', ['test/rest enforce !']],
  [`reg.io/corp/web:debug@${D}`, 'dev-a', ['test/dev warn !']],
  [`reg.io/corp/web:1@${D}`, 'prod', ['test/corp enforce']],
  [`reg.io/corp/web@${D}`, 'prod', ['test/corp enforce']],
  [`reg.io/corp/tools/x:debug@${D}`, 'prod', ['test/tools enforce']],
];

for (const [image, namespace, expected] of ROWS) {
  test(`${image} in ${namespace ?? 'no namespace'}: ${expected.join(', ') || 'no rule'}`, () => {
    assert.deepEqual(decide([first], image, namespace === undefined ? {} : { namespace }), expected);
  });
}

test('documents compose by and: each that applies has a rule, in its own mode', () => {
  const second = policyOf('rules:\n  - { name: all, images: ["**"], require: c, mode: audit }\n', 'second');
  assert.deepEqual(decide([first, second], 'reg.io/corp/web'), ['test/corp enforce', 'second/all audit']);
  assert.deepEqual(decide([first, second], 'nginx'), ['second/all audit']);
  assert.deepEqual(decide([second, first], 'nginx'), ['second/all audit']);
});

test('a document that a tag made silent holds the others to the tag', () => {
  const strict = policyOf(
    'rules:\n  - { name: s, images: ["reg.io/**"], except: ["reg.io/web:debug"], require: a }\n',
    'strict',
  );
  const loose = policyOf(
    'rules:\n  - { name: l, images: ["**"], allow: { reason: x, until: never } }\n',
    'loose',
  );
  assert.deepEqual(decide([strict, loose], `reg.io/web:debug@${D}`), ['loose/l enforce !']);
  assert.deepEqual(decide([loose, strict], `reg.io/web:debug@${D}`), ['loose/l enforce !']);
  assert.deepEqual(decide([strict, loose], 'reg.io/web:debug'), ['loose/l enforce']);
  assert.deepEqual(decide([strict, loose], `reg.io/web:1@${D}`), ['strict/s enforce', 'loose/l enforce']);
  assert.deepEqual(decide([strict, loose], 'nginx'), ['loose/l enforce']);
});

test('an except that names no tag takes out without a claim', () => {
  const policy = policyOf(`rules:
  - { name: s, images: ["reg.io/**"], except: ["reg.io/web:debug", "reg.io/web"], require: a }
  - { name: l, images: ["reg.io/**"], require: b }
`);
  assert.deepEqual(decide([policy], `reg.io/web:debug@${D}`), ['test/l enforce']);
});

const labelled = policyOf(`rules:
  - { name: strict, images: ["reg.io/**"], namespaceLabels: { tier: prod, "acme.example/team": web }, require: { all: [a, b] } }
  - { name: loose, images: ["reg.io/**"], require: a, mode: warn }
modes:
  - { namespaces: [dev], mode: audit }
`);

test('labels of the Namespace choose, all of them, exactly', () => {
  const on = (namespaceLabels: Record<string, string>) =>
    decide([labelled], 'reg.io/x', { namespace: 'a', namespaceLabels });
  assert.deepEqual(on({ tier: 'prod', 'acme.example/team': 'web', more: 'x' }), ['test/strict enforce']);
  assert.deepEqual(on({ tier: 'prod' }), ['test/loose warn']);
  assert.deepEqual(on({ tier: 'production', 'acme.example/team': 'web' }), ['test/loose warn']);
  assert.deepEqual(on({}), ['test/loose warn']);
  assert.deepEqual(on(Object.create({ tier: 'prod', 'acme.example/team': 'web' })), ['test/loose warn']);
});

test('labels that nobody knows are undecided, never the next rule', () => {
  const code = 'NAMESPACE_LABELS_UNKNOWN';
  assert.deepEqual(decide([labelled], 'reg.io/x', { namespace: 'a' }), [`?test/strict enforce ${code}`]);
  assert.deepEqual(decide([labelled], 'reg.io/x'), [`?test/strict enforce ${code}`]);
  assert.deepEqual(decide([labelled], 'nginx', { namespace: 'a' }), []);
  // In dev, strict would be audit and loose warn: the stricter of what may apply counts.
  assert.deepEqual(decide([labelled], 'reg.io/x', { namespace: 'dev' }), [`?test/strict warn ${code}`]);
});

test('what is undecided takes the strictest mode that could turn out to hold', () => {
  const body = (rest: string) => `rules:
  - { name: lax, images: ["reg.io/**"], namespaceLabels: { tier: dev }, require: a, mode: audit }
${rest}`;
  const code = 'NAMESPACE_LABELS_UNKNOWN';
  const none = policyOf(body(''));
  assert.deepEqual(decide([none], 'reg.io/x'), [`?test/lax enforce ${code}`]);
  const later = policyOf(
    body(
      '  - { name: b, images: ["reg.io/**"], require: a, mode: warn }\n  - { name: c, images: ["reg.io/**"], require: a }\n',
    ),
  );
  assert.deepEqual(decide([later], 'reg.io/x'), [`?test/lax warn ${code}`]);
});

test('a rule with labels that does not match for another reason is not undecided', () => {
  const policy = policyOf(`rules:
  - { name: l, images: ["reg.io/**"], except: ["reg.io/x"], namespaces: [prod], namespaceLabels: { t: p }, require: a }
  - { name: r, images: ["**"], require: b }
`);
  assert.deepEqual(decide([policy], 'reg.io/x', { namespace: 'prod' }), ['test/r enforce']);
  assert.deepEqual(decide([policy], 'reg.io/y', { namespace: 'dev' }), ['test/r enforce']);
  assert.deepEqual(decide([policy], 'reg.io/y', { namespace: 'prod' }), [
    '?test/l enforce NAMESPACE_LABELS_UNKNOWN',
  ]);
});

test('without a rule the mode is the strictest that any document gives the namespace', () => {
  const rule = 'rules:\n  - { name: r, images: [reg.io/x], require: a }\n';
  const audit = policyOf(`${rule}modes:\n  - { namespaces: ["*"], mode: audit }\n`, 'audit');
  const warn = policyOf(`${rule}modes:\n  - { namespaces: [dev], mode: warn }\n`, 'warn');
  assert.equal(defaultMode([audit], { namespace: 'dev' }), 'audit');
  assert.equal(defaultMode([audit, warn], { namespace: 'dev' }), 'warn');
  assert.equal(defaultMode([audit, warn], { namespace: 'prod' }), 'enforce');
  assert.equal(defaultMode([audit], {}), 'enforce');
  assert.equal(defaultMode([], { namespace: 'dev' }), 'enforce');
  assert.equal(match([audit, warn], parseImageReference('nginx'), { namespace: 'dev' }).defaultMode, 'warn');
});

test('an exempt rule matches like any other, whatever its date', () => {
  const policy = policyOf(`rules:
  - { name: old, images: [redis], allow: { reason: x, until: 2001-01-01 } }
  - { name: rest, images: ["**"], require: a }
`);
  assert.deepEqual(decide([policy], 'redis:7'), ['test/old enforce']);
});

test('a rule is found behind a thousand others', () => {
  const rules = Array.from(
    { length: 1000 },
    (_, i) =>
      `  - { name: r${i}, images: ["*.reg-${i}.example/team-*/**", "reg${i}.io/a/**/b:v*"], require: a }\n`,
  );
  const policy = policyOf(`rules:\n${rules.join('')}`);
  const reference = parseImageReference(`reg999.io/a/x/y/b:v1@${D}`);
  assert.equal(match([policy], reference, {}).rules[0]?.rule.name, 'r999');
});
