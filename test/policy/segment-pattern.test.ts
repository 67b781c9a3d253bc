// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSegmentPattern } from '../../src/policy/segment-pattern.ts';

const PATTERNS: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['acme/app', ['acme/app'], ['acme/app2', 'evil/acme/app', 'ACME/app', 'acme']],
  ['acme/*', ['acme/app'], ['acme-evil/app', 'acme/a/b', 'acme/', 'acme', 'acme/..', 'acme/a@b']],
  ['refs/tags/v*', ['refs/tags/v1.2.3'], ['refs/tags/v1/evil', 'refs/heads/v1', 'x/refs/tags/v1']],
  ['refs/heads/release/**', ['refs/heads/release/1/2'], ['refs/heads/release', 'refs/heads/release/a@b']],
  [
    'https://github.com/acme',
    ['https://github.com/acme'],
    ['https://github.com/acme-evil', 'https://github.com/acme/'],
  ],
  ['https://github.com/*', ['https://github.com/acme'], ['https://github.com.evil.example/acme']],
  ['**', ['a', 'a/b'], ['', 'a//b', '../a', 'a@b', 'https://github.com/acme']],
  ['*', ['push', 'workflow dispatch'], ['', 'a/b', '.']],
  ['Build and push', ['Build and push'], ['Build  and push']],
  ['Build *', ['Build and push'], ['Build and/or push', 'build and push']],
  ['refs/heads/../main', ['refs/heads/../main'], ['refs/main']],
];

for (const [pattern, yes, no] of PATTERNS) {
  test(`claim ${pattern}`, () => {
    const { matches } = parseSegmentPattern(pattern);
    assert.deepEqual(yes.filter(matches), yes);
    assert.deepEqual(no.filter(matches), []);
  });
}

test('many wildcards over a long text are no trap', () => {
  const { matches } = parseSegmentPattern(`${'*a'.repeat(200)}/**/${'**/b/'.repeat(60)}c`);
  assert.equal(matches(`${'a'.repeat(4000)}/${'b/'.repeat(4000)}d`), false);
});
