// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseImageReference } from '../../src/image/reference.ts';
import { describeAttestation, explain, lintPolicy, policyJsonSchema } from '../../src/policy/index.ts';
import { BODY_LINE, documentOf, issuesOf, policyOf } from '../support/policy.ts';

const TYPE = 'https://slsa.dev/provenance/v1';
const ruleWith = (...attestations: readonly string[]) =>
  `rules:\n  - name: r\n    images: ["**"]\n    attestations:\n${attestations.map((one) => `      - ${one}\n`).join('')}`;
const attestation = (text: string) => policyOf(ruleWith(text)).rules[0]?.attestations?.[0];

test('an attestation has a type and signers, and is demanded in every one by default', () => {
  const policy = policyOf(`rules:
  - name: r
    images: ["**"]
    require: a
    attestations:
      - { type: "${TYPE}", by: b }
      - { type: slsaprovenance1, by: { any: [a, b] }, where: predicate.x == 1, quantifier: any }
  - { name: alone, images: ["**"], attestations: [{ type: spdx, by: a }] }
`);
  const [both, alone] = policy.rules;
  const [first, second] = both?.attestations ?? [];
  assert.equal(both?.require?.kind, 'signer');
  assert.deepEqual(
    [first?.predicateType, first?.quantifier, first?.where, first?.by.kind],
    [TYPE, 'every', undefined, 'signer'],
  );
  assert.deepEqual(
    [second?.predicateType, second?.quantifier, second?.where?.text, second?.where?.usesNow],
    [TYPE, 'any', 'predicate.x == 1', false],
  );
  assert.deepEqual([alone?.require, alone?.allow, alone?.attestations?.length], [undefined, undefined, 1]);
  assert.ok(Object.isFrozen(both?.attestations) && Object.isFrozen(second?.where));
  assert.equal(policy.lines.get('rules[0].attestations[1]'), BODY_LINE + 6);
});

test('short names are those of cosign', () => {
  const types = ['slsaprovenance', 'slsaprovenance02', 'slsaprovenance1', 'spdx', 'spdxjson', 'cyclonedx'];
  const others = ['link', 'vuln', 'openvex', 'custom', 'urn:acme:test'];
  assert.deepEqual(
    [...types, ...others].map((type) => attestation(`{ type: "${type}", by: a }`)?.predicateType),
    [
      'https://slsa.dev/provenance/v0.2',
      'https://slsa.dev/provenance/v0.2',
      'https://slsa.dev/provenance/v1',
      'https://spdx.dev/Document',
      'https://spdx.dev/Document',
      'https://cyclonedx.org/bom',
      'https://in-toto.io/Link/v1',
      'https://cosign.sigstore.dev/attestation/vuln/v1',
      'https://openvex.dev/ns',
      'https://cosign.sigstore.dev/attestation/v1',
      'urn:acme:test',
    ],
  );
});

describe('what is wrong is told at its place', () => {
  const rows: readonly (readonly [body: string, path: string, message: RegExp])[] = [
    ['{ type: "https://sigstore.dev/cosign/sign/v1", by: a }', '.type', /is the type of signatures/],
    ['{ type: slsaprovnance, by: a }', '.type', /neither a URI .* \(did you mean "slsaprovenance"\?/],
    ['{ type: slsa.dev/provenance/v1, by: a }', '.type', /neither a URI/],
    ['{ type: "https://x.dev/a b", by: a }', '.type', /neither a URI/],
    ['{ type: __proto__, by: a }', '.type', /neither a URI/],
    ['{ type: toString, by: a }', '.type', /neither a URI/],
    [`{ type: "https://x.dev/${'x'.repeat(600)}", by: a }`, '.type', /longer than 512 characters/],
    ['{ by: a }', '.type', /missing \(allowed: a text\)/],
    ['{ type: spdx }', '.by', /missing/],
    ['{ type: spdx, by: d }', '.by', /unknown signer "d" .*allowed: a, b, c\)/],
    ['{ type: spdx, by: { all: [a, x] } }', '.by.all[1]', /unknown signer "x"/],
    ['{ type: spdx, by: { atLeast: 3, of: [a, b] } }', '.by.atLeast', /can never hold/],
    ['{ type: spdx, by: a, wehre: x }', '.wehre', /unknown key "wehre" \(did you mean "where"\?/],
    ['{ type: spdx, by: a, where: true }', '.where', /found the boolean true \(allowed: a text, in quotes\)/],
    ['{ type: spdx, by: a, where: "" }', '.where', /empty/],
    [`{ type: spdx, by: a, where: "${'x'.repeat(4097)}" }`, '.where', /longer than 4096 characters/],
    ['{ type: spdx, by: a, where: "1 +" }', '.where', /^1:\d+: /],
    [
      '{ type: spdx, by: a, where: "predicate.x == 1 || nwo > 3" }',
      '.where',
      /^1:21: unknown variable "nwo"/,
    ],
    ['{ type: spdx, by: a, quantifier: all }', '.quantifier', /allowed: every, any, newest/],
    [
      '{ type: spdx, by: a, quantifier: newest }',
      '.quantifier',
      /newest needs a trusted time .*, and none is demanded of a /,
    ],
    ['{ type: spdx, by: { any: [a, b] }, quantifier: newest }', '.quantifier', /none is demanded of a, b /],
  ];
  for (const [body, path, message] of rows) {
    test(body.slice(0, 80), () => {
      const [issue, ...others] = issuesOf(documentOf(ruleWith('{ type: spdx, by: a }', body)));
      assert.deepEqual(others, []);
      assert.equal(issue?.path, `rules[0].attestations[1]${path}`);
      assert.equal(issue?.line, BODY_LINE + 5);
      assert.match(issue?.message ?? '', message);
    });
  }

  test('an empty list, more than 16, or attestations beside allow', () => {
    const many = Array.from({ length: 17 }, () => '{ type: spdx, by: a }');
    const messages = (body: string) =>
      issuesOf(documentOf(body)).map(({ path, message }) => `${path}: ${message}`);
    assert.match(messages(ruleWith(...many)).join(), /^rules\[0\]\.attestations: more than 16 attestations$/);
    assert.match(
      messages('rules: [{ name: r, images: [x], attestations: [] }]').join(),
      /attestations: an empty list/,
    );
    assert.deepEqual(
      messages(`${ruleWith('{ type: spdx, by: a }')}    allow: { reason: x, until: never }\n`),
      ['rules[0].allow: a rule has attestations or allow, not both'],
    );
  });

  test('two mistakes in two expressions are two issues', () => {
    const bad = '{ type: spdx, by: a, where: oops }';
    assert.equal(issuesOf(documentOf(ruleWith(bad, bad))).length, 2);
  });
});

test('lint counts who signs attestations as used, and warns of what says nothing', () => {
  const lint = (body: string) =>
    lintPolicy(policyOf(body), 0).map(({ line, path, message }) => `${line} ${path}: ${message}`);
  const entries = [
    '{ type: spdx, by: { all: [a, b, a] }, where: "true" }',
    '{ type: spdx, by: c, where: "image.tag != \'\'" }',
    '{ type: spdx, by: c, quantifier: any }',
    '{ type: spdx, by: c, quantifier: any, where: has(predicate.name) }',
    `{ type: spdx, by: c, where: 'predicate.name.matches("acme")' }`,
  ];
  const at = (index: number) => `${BODY_LINE + 4 + index} rules[0].attestations[${index}]: `;
  assert.deepEqual(lint(ruleWith(...entries)), [
    `${at(0)}rule r names signer a twice in one list; it counts once`,
    `${at(0)}rule r: where: true does not look at the predicate, so it says nothing about the attestation`,
    `${at(1)}rule r: where: image.tag != '' does not look at the predicate, so it says nothing about the attestation`,
    `${at(2)}rule r: quantifier: any without where differs from every only where one of them cannot be read`,
    `${at(4)}rule r: where: matches finds "acme" anywhere in a text: begin it with ^, and end it with $`,
  ]);
});

test('attestations in plain words', () => {
  const words = (text: string) => {
    const found = attestation(text);
    return found && describeAttestation(found);
  };
  const where = 'where: "predicate.x  == 1"';
  const spdx = 'an attestation https://spdx.dev/Document';
  assert.equal(words('{ type: spdx, by: a }'), `${spdx} by a`);
  assert.equal(words('{ type: spdx, by: { any: [a, b] } }'), `${spdx} by any of a, b`);
  assert.equal(
    words('{ type: spdx, by: { atLeast: 2, of: [a, b] } }'),
    `${spdx} with signatures by at least 2 of a, b`,
  );
  assert.equal(words('{ type: spdx, by: { all: [a, b] } }'), `${spdx} with a signature by a and one by b`);
  assert.equal(
    words(`{ type: spdx, by: a, ${where} }`),
    `${spdx} by a, every one of them where predicate.x == 1`,
  );
  assert.equal(
    words(`{ type: spdx, by: a, ${where}, quantifier: any }`),
    `${spdx} by a, any of them where predicate.x == 1`,
  );
  const newest = 'the newest attestation https://spdx.dev/Document';
  // Signers by key prove no time, so a policy could not ask this of them.
  const newestOf = (text: string) => {
    const found = attestation(text);
    return found && describeAttestation({ ...found, quantifier: 'newest' });
  };
  assert.equal(newestOf('{ type: spdx, by: a }'), `${newest} by a`);
  assert.equal(
    newestOf('{ type: spdx, by: { all: [a, b] } }'),
    `${newest} with a signature by a and one by b`,
  );
  assert.equal(words('{ type: spdx, by: a, quantifier: any }'), `${spdx} by a`);
});

test('explain tells them beside the signatures, or alone', () => {
  const reasons = (body: string) =>
    explain([policyOf(body)], parseImageReference('nginx:1'), { namespace: 'x' }, 0).flatMap(({ rules }) =>
      rules.map(({ reason }) => reason),
    );
  const entry = '{ type: spdx, by: b }';
  assert.deepEqual(reasons(ruleWith(entry, '{ type: link, by: c }')), [
    'requires an attestation https://spdx.dev/Document by b; and an attestation https://in-toto.io/Link/v1 by c',
  ]);
  assert.deepEqual(reasons(`${ruleWith(entry)}    require: a\n`), [
    'requires a signature by a; and an attestation https://spdx.dev/Document by b',
  ]);
});

test('the JSON Schema has their keys', () => {
  const text = JSON.stringify(policyJsonSchema());
  assert.match(text, /"quantifier":\{"type":"string","enum":\["every","any","newest"\]/);
});
