// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviceOnWhere, compileWhere } from '../../src/policy/where.ts';

const advice = (text: string) => adviceOnWhere(compileWhere(text));

for (const [text, said] of [
  [
    'predicate.id.matches("https://github.com/acme/.*")',
    /^matches finds "https:.*" anywhere in a text: begin it with \^/,
  ],
  ['predicate.id.matches("acme")', /^matches finds "acme" anywhere/],
  ['predicate.id.matches("https://github.com/acme/.*$")', /^matches finds/],
  ['has(predicate.a) && predicate.list.all(x, x.id.matches("main"))', /^matches finds/],
  [
    'predicate.id.startsWith("https://github.com/acme")',
    /^startsWith\("https:.*acme"\) holds of ".*acme-evil" too/,
  ],
  ['predicate.id.startsWith("git+https://github.com/acme/app")', /^startsWith/],
  ['predicate.id.startsWith("https://ci.acme.example")', /^startsWith/],
] as const) {
  test(`worth a word: ${text}`, () => {
    const [first = '', ...others] = advice(text);
    assert.match(first, said);
    assert.deepEqual(others, []);
  });
}

for (const text of [
  'predicate.id.matches("^https://github.com/acme/.*$")',
  'predicate.id.matches("^refs/heads/")',
  'predicate.id.matches("(?i)^main$")',
  'predicate.id.matches("(^a$|^b$)")',
  'predicate.id.matches("[.]acme[.]example$")',
  'predicate.id.matches(predicate.pattern)',
  'predicate.id.startsWith("https://github.com/acme/")',
  'predicate.id.startsWith("git+https://github.com/acme/app@")',
  'predicate.id.startsWith("https://github.com/acme/app/.github/workflows/release")',
  'predicate.id.startsWith("refs/heads")',
  'predicate.id == "https://github.com/acme"',
]) {
  test(`nothing to say: ${text}`, () => assert.deepEqual(advice(text), []));
}
