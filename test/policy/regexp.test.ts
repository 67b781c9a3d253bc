// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { literalRegexp, parseRegexp } from '../../src/policy/regexp.ts';
import { keylessSignerOf } from '../support/keyless.ts';

/** Of the packages that were loaded by `require`, whether the one of regular expressions is among them. */
function isLoaded(): boolean {
  return Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/re2js/'));
}

test('the library is loaded by the first regular expression, not before', () => {
  keylessSignerOf('{ issuer: https://i.example, subject: "*@acme.example", claims: { buildTrigger: push } }');
  assert.equal(isLoaded(), false);
  keylessSignerOf('{ issuer: https://i.example, subjectRegexp: "a|b" }');
  assert.equal(isLoaded(), true);
});

const MATCHES: readonly (readonly [regexp: string, yes: readonly string[], no: readonly string[]])[] = [
  ['a|b', ['a', 'b'], ['ab', 'ax', 'xb', '']],
  ['a|ab', ['a', 'ab'], ['abc', 'b']],
  ['ab|a', ['a', 'ab'], ['abb']],
  ['^a|b$', ['a', 'b'], ['ax', 'xb', 'a\nb']],
  ['(?m)^a$', ['a'], ['a\nx', 'x\na', 'a\n']],
  ['a$', ['a'], ['a\n']],
  ['(?i)acme', ['ACME', 'acme'], ['acme2']],
  [
    'https://github\\.com/acme/.*',
    ['https://github.com/acme/x'],
    ['https://githubxcom/acme/x', 'https://github.com/acme/x\ny'],
  ],
  ['(a*)*b', ['aab'], ['a'.repeat(5000)]],
  ['a*?', ['', 'aaa'], ['aab']],
];

for (const [regexp, yes, no] of MATCHES) {
  test(`regular expression ${regexp} holds for whole texts`, () => {
    const { matches } = parseRegexp(regexp);
    assert.deepEqual(yes.filter(matches), yes);
    assert.deepEqual(no.filter(matches), []);
  });
}

const WRONG: readonly (readonly [regexp: string, message: RegExp])[] = [
  ['', /empty/],
  ['(', /RE2 syntax: missing closing/],
  ['a)|(b', /RE2 syntax: unexpected \)/],
  ['(?=a)b', /RE2 syntax/],
  ['(a)\\1', /RE2 syntax: invalid escape/],
  ['a{1001}', /repeat count/],
  ['(a{50}){50}', /repeat count|more than 2000 steps/],
  ['(abc){900}', /more than 2000 steps/],
  ['('.repeat(1024), /RE2 syntax/],
  ['a'.repeat(1025), /longer than 1024/],
];

for (const [regexp, message] of WRONG) {
  test(`no regular expression: ${regexp.slice(0, 20)}`, () => {
    assert.throws(() => parseRegexp(regexp), { code: 'POLICY_INVALID', message });
  });
}

test('a literal regular expression holds for its text alone', () => {
  const text = 'https://x.example/a*b+(c)[d]{1}^$|\\q?';
  const { matches, literal } = parseRegexp(literalRegexp(text));
  assert.equal(literal, text);
  assert.ok(matches(text));
  assert.ok(!matches(text.replace('x.example', 'xxexample')));
});

test('what stands for more than one text, or is escaped otherwise, is no literal', () => {
  for (const regexp of ['a.b', 'a\\d', 'a|b', '^a$', '(a)', 'a\\-b', 'a\\Qb\\E', '\\\\.']) {
    assert.equal(parseRegexp(regexp).literal, undefined, regexp);
  }
  assert.equal(parseRegexp('a\\.b').literal, 'a.b');
});
