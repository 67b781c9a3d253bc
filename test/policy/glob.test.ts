// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversGlob, coversSegments, matchesGlob, matchesSegments } from '../../src/policy/glob.ts';

const GLOBS: readonly (readonly [string, string, boolean])[] = [
  ['a', 'a', true],
  ['a', 'ab', false],
  ['a', 'ba', false],
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'abc', true],
  ['a*', 'ba', false],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['a*c', 'abc', true],
  ['a*c', 'ac', true],
  ['a*c', 'abcd', false],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'aXcYb', false],
  ['*a*', 'bab', true],
  ['a*ab', 'aaab', true],
  ['.', 'x', false],
  ['a.c', 'abc', false],
  ['[a]', 'a', false],
];

for (const [glob, text, expected] of GLOBS) {
  test(`glob ${glob || '(empty)'} on ${text || '(empty)'}: ${expected}`, () => {
    assert.equal(matchesGlob(glob, text), expected);
  });
}

const SEGMENTS: readonly (readonly [string, string, boolean])[] = [
  ['a', 'a', true],
  ['a', 'a/b', false],
  ['a/b', 'a', false],
  ['*', 'a/b', false],
  ['*/b', 'a/b', true],
  ['**', 'a', true],
  ['**', 'a/b/c', true],
  ['a/**', 'a', false],
  ['a/**', 'a/b', true],
  ['a/**', 'a/b/c', true],
  ['**/a', 'a', false],
  ['**/a', 'b/a', true],
  ['**/a', 'a/a/a', true],
  ['**/a', 'a/b', false],
  ['a/**/b', 'a/b', false],
  ['a/**/b', 'a/x/b', true],
  ['a/**/b', 'a/b/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'a/x/y/c', false],
  ['**/**', 'a', false],
  ['**/**', 'a/b', true],
  ['**/x/**', 'a/x/b', true],
  ['**/x/**', 'x/x/x', true],
  ['**/x/**', 'x/a', false],
  ['**/x/**/y', 'a/x/x/b/y', true],
];

for (const [pattern, path, expected] of SEGMENTS) {
  test(`segments ${pattern} on ${path}: ${expected}`, () => {
    assert.equal(matchesSegments(pattern.split('/'), path.split('/')), expected);
  });
}

test('a pattern made to backtrack costs no more than its lengths multiplied', () => {
  const started = performance.now();
  assert.equal(matchesGlob(`${'a*'.repeat(400)}b`, 'a'.repeat(1000)), false);
  const many = Array.from({ length: 200 }, (_, i) => (i % 2 ? '**' : 'a'));
  assert.equal(
    matchesSegments(
      [...many, 'b'],
      Array.from({ length: 500 }, () => 'a'),
    ),
    false,
  );
  assert.ok(performance.now() - started < 500);
});

/** All words over an alphabet, up to a length. */
function words(alphabet: readonly string[], length: number): string[][] {
  if (length === 0) return [[]];
  const shorter = words(alphabet, length - 1);
  const longest = shorter.filter((word) => word.length === length - 1);
  return [...shorter, ...longest.flatMap((word) => alphabet.map((letter) => [...word, letter]))];
}

/** What a pattern means, by definition rather than by pointer: for comparison. */
function defines(
  pattern: readonly string[],
  word: readonly string[],
  wildcard: string,
  least: number,
): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return word.length === 0;
  if (first !== wildcard) return word[0] === first && defines(rest, word.slice(1), wildcard, least);
  return (
    word.some((_, n) => n >= least && defines(rest, word.slice(n), wildcard, least)) ||
    (word.length >= least && defines(rest, [], wildcard, least))
  );
}

test('the pointers agree with the definition on every small pattern and text', () => {
  for (const pattern of words(['a', 'b', '*'], 4)) {
    for (const word of words(['a', 'b'], 4)) {
      assert.equal(
        matchesGlob(pattern.join(''), word.join('')),
        defines(pattern, word, '*', 0),
        `${pattern.join('')} ${word.join('')}`,
      );
    }
  }
  for (const pattern of words(['a', 'b', '**'], 4)) {
    for (const word of words(['a', 'b'], 4)) {
      if (pattern.length === 0 || word.length === 0) continue;
      assert.equal(
        matchesSegments(pattern, word),
        defines(pattern, word, '**', 1),
        `${pattern.join('/')} ${word.join('/')}`,
      );
    }
  }
});

/** How many pairs cover; each must keep its word on every text. */
function assertCoverage<P, T>(
  patterns: readonly P[],
  texts: readonly T[],
  covers: (wide: P, narrow: P) => boolean,
  matches: (pattern: P, text: T) => boolean,
): number {
  const pairs = patterns.flatMap((wide) => patterns.map((narrow) => ({ wide, narrow })));
  const covered = pairs.filter(({ wide, narrow }) => covers(wide, narrow));
  for (const { wide, narrow } of covered) {
    const escaped = texts.find((text) => matches(narrow, text) && !matches(wide, text));
    assert.equal(escaped, undefined, `${wide} does not cover ${narrow}`);
  }
  return covered.length;
}

test('what covers a pattern matches everything that the pattern does', () => {
  const globs = words(['a', 'b', '*'], 3).map((word) => word.join(''));
  const texts = words(['a', 'b'], 4).map((word) => word.join(''));
  assert.ok(assertCoverage(globs, texts, coversGlob, matchesGlob) > 100);
  const patterns = words(['a', '*', '**'], 3).filter((pattern) => pattern.length > 0);
  const paths = words(['a', 'b'], 4).filter((path) => path.length > 0);
  assert.ok(assertCoverage(patterns, paths, coversSegments, matchesSegments) > 100);
});
