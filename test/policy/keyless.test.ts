// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy } from '../../src/policy/index.ts';
import { signerDocument, signerOf } from '../support/keyless.ts';
import { issuesOf, readFile } from '../support/policy.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const PERSON = 'keyless: { issuer: https://i.example, subject: a@acme.example }';

const DEMANDS: readonly (readonly [signer: string, demands: readonly [number, number, number, boolean]])[] = [
  ['key: { file: a.pub }', [0, 0, 0, false]],
  ['key: { file: a.pub }\nlog: required\ntimestamps: 2', [1, 2, 0, false]],
  ['key: { file: a.pub }\nlog: none\ntrustRoot: corp', [0, 0, 0, false]],
  [PERSON, [1, 0, 1, false]],
  [`${PERSON}\nlog: required`, [1, 0, 1, false]],
  [`${PERSON}\nlog: 2\ntimestamps: 1\nscts: 2`, [2, 1, 2, false]],
  [`${PERSON}\nlog: none\nscts: 0\ntimestamps: 1`, [0, 1, 0, false]],
  [`${PERSON}\nlog: none\nunsafeNoTime: true`, [0, 0, 1, true]],
];

for (const [signer, [logEntries, timestamps, scts, unsafeNoTime]] of DEMANDS) {
  test(`demands of ${signer.replaceAll('\n', ', ')}`, () => {
    assert.deepEqual(signerOf(signer).demands, { logEntries, timestamps, scts, unsafeNoTime });
  });
}

test('a keyless signer has one trust root, and its tests still work when the policy is frozen', () => {
  const signer = signerOf(`${PERSON}\ntrustRoot: corp\nannotations: { a: b }`);
  assert.ok(signer.kind === 'keyless' && Object.isFrozen(signer) && Object.isFrozen(signer.subject));
  assert.deepEqual([signer.trustRoot, signer.annotations], ['corp', { a: 'b' }]);
  assert.deepEqual(
    [signer.issuer.matches('https://i.example'), signer.issuer.matches('https://i.example/')],
    [true, false],
  );
  assert.equal(signer.subject.matches('a@acme.example'), true);
  assert.equal(signerOf(PERSON).trustRoot, 'default');
});

test('claims have their documented names, whichever name the policy uses', () => {
  const signer = signerOf(
    `keyless: { issuer: ${GITHUB}, subjectRegexp: "a|b", claims: { sourceRepository: https://github.com/acme/app }, claimsRegexp: { sourceRepositoryURI: ".*app" } }`,
  );
  assert.ok(signer.kind === 'keyless');
  assert.deepEqual(
    signer.claims.map(({ name, text, regexp }) => [name, text, regexp]),
    [
      ['sourceRepositoryURI', 'https://github.com/acme/app', undefined],
      ['sourceRepositoryURI', '.*app', true],
    ],
  );
  assert.deepEqual(signer.subject.kinds, ['uri', 'email', 'dns', 'otherName']);
});

test('another identity is another fingerprint', () => {
  const of = (signer: string) => compilePolicy(signerDocument(signer), { source: 's', readFile }).fingerprint;
  assert.notEqual(of(PERSON), of(PERSON.replace('a@', 'b@')));
  assert.notEqual(of(PERSON), of(`${PERSON}\nscts: 0`));
});

const keyless = (rest: string) => `keyless: { issuer: https://i.example, ${rest} }`;
const WRONG: readonly (readonly [signer: string, path: string, message: RegExp])[] = [
  ['annotations: {}', '', /a signer needs key, or keyless/],
  [`key: { file: a.pub }\n${PERSON}`, '.keyless', /one of key, keyless: key is there already/],
  ['keyless: x', '.keyless', /found "x" \(allowed: a mapping\)/],
  ['keyless: { subject: a@b }', '.keyless', /needs issuer, or issuerRegexp/],
  [keyless(''), '.keyless', /needs subject, or subjectRegexp, or unsafeAnySubject/],
  [keyless('subject: a@b, subjectRegexp: x'), '.keyless.subjectRegexp', /subject is there already/],
  [keyless('subject: a@b, unsafeAnySubject: true'), '.keyless.unsafeAnySubject', /subject is there already/],
  [keyless('subject: a@b, issuerRegexp: x'), '.keyless.issuerRegexp', /issuer is there already/],
  [keyless('unsafeAnySubject: false'), '.keyless.unsafeAnySubject', /allowed: true/],
  [keyless('subject: "**"'), '.keyless.subject', /found "\*\*": .*unsafeAnySubject/],
  [keyless('subjekt: a@b, subject: a@b'), '.keyless.subjekt', /did you mean "subject"\?/],
  [keyless('subjectRegexp: "a("'), '.keyless.subjectRegexp', /found "a\(": not a regular expression in RE2/],
  ['keyless: { issuer: "https://*.example", subject: a@b }', '.keyless.issuer', /issuers are exact/],
  ['keyless: { issuer: "", subject: a@b }', '.keyless.issuer', /empty/],
  ['keyless: { issuer: " https://i.example", subject: a@b }', '.keyless.issuer', /spaces/],
  [keyless('subject: a@b, claims: {}'), '.keyless.claims', /empty; name a claim/],
  [
    keyless('subject: a@b, claims: { sourceRepo: x }'),
    '.keyless.claims.sourceRepo',
    /unknown key "sourceRepo" \(.*allowed: sourceRepository, /,
  ],
  [
    keyless('subject: a@b, claims: { sourceRepositoryUri: x }'),
    '.keyless.claims.sourceRepositoryUri',
    /did you mean "sourceRepositoryURI"\?/,
  ],
  [
    keyless('subject: a@b, claims: { sourceRepositoryIdentifier: 7 }'),
    '.keyless.claims.sourceRepositoryIdentifier',
    /in quotes/,
  ],
  [
    keyless('subject: a@b, claims: { sourceRepository: a/b, sourceRepositoryURI: a/c }'),
    '.keyless.claims.sourceRepositoryURI',
    /the same claim as "sourceRepository"/,
  ],
  [keyless('subject: a@b, claims: { buildTrigger: "a**" }'), '.keyless.claims.buildTrigger', /whole segment/],
  [
    keyless('subject: a@b, claimsRegexp: { buildTrigger: "[" }'),
    '.keyless.claimsRegexp.buildTrigger',
    /RE2 syntax/,
  ],
  [keyless('subject: a@b, unsafeAnyCaller: true'), '.keyless.unsafeAnyCaller', /does nothing/],
  [`${PERSON}\nlog: none`, '.log', /leaves nothing that proves when/],
  [`${PERSON}\nlog: none\ntimestamps: 0`, '.log', /leaves nothing that proves when/],
  [`${PERSON}\nunsafeNoTime: true`, '.unsafeNoTime', /does nothing/],
  [`${PERSON}\nlog: none\ntimestamps: 1\nunsafeNoTime: true`, '.unsafeNoTime', /does nothing/],
  [`${PERSON}\nlog: 0`, '.log', /required, none, or a number of entries from 1 to 32/],
  [`${PERSON}\nlog: 33`, '.log', /from 1 to 32/],
  [`${PERSON}\nlog: maybe`, '.log', /allowed: required, none/],
  [`${PERSON}\ntimestamps: -1`, '.timestamps', /at least 0/],
  [`${PERSON}\ntimestamps: 33`, '.timestamps', /more than 32/],
  [`${PERSON}\nscts: 1.5`, '.scts', /whole number/],
  [`${PERSON}\nscts: 17`, '.scts', /more than 16/],
  [`${PERSON}\ntrustRoot: ""`, '.trustRoot', /a name has/],
  ['key: { file: a.pub }\nscts: 1', '.scts', /does nothing beside key/],
  ['key: { file: a.pub }\nunsafeNoTime: true', '.unsafeNoTime', /does nothing beside key/],
];

for (const [signer, path, message] of WRONG) {
  test(`no signer: ${signer.replaceAll('\n', ', ')}`, () => {
    const issues = issuesOf(signerDocument(signer));
    assert.deepEqual(
      issues.map((issue) => issue.path),
      [`signers.s${path}`],
      JSON.stringify(issues),
    );
    assert.match(issues[0]?.message ?? '', message);
  });
}

test('unsafeAnyCaller goes with issuers of GitHub, exact or by regular expression', () => {
  for (const issuer of [
    `issuer: ${GITHUB}`,
    `issuer: ${GITHUB}/acme`,
    `issuerRegexp: "${GITHUB.replaceAll('.', '[.]')}"`,
  ]) {
    const signer = signerOf(
      `keyless: { ${issuer}, subject: "https://github.com/acme/**@*", unsafeAnyCaller: true }`,
    );
    assert.ok(signer.kind === 'keyless' && signer.unsafeAnyCaller);
  }
});
