// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from '../../src/report/index.ts';

/** Text from outside, and what is left of it at 20 characters. */
const TEXTS: readonly (readonly [text: string, plain: string])[] = [
  ['nginx:1', 'nginx:1'],
  ['', ''],
  ['  nginx ', 'nginx'],
  ['größe/日本', 'größe/日本'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b[1;31;48;5;3mred', 'red'],
  ['\u009b31mred', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]8;;https://evil.example\u001b\\link', 'link'],
  ['\u001b]0;title without an end', ''],
  ['\u001b[2K\u001b[1Aover', 'over'],
  ['a\u001bcb', 'a cb'],
  ['a\nb\r\nc\td', 'a b c d'],
  ['a\u0000b\u0007c\u007fd\u0085e', 'a b c d e'],
  ['a\u202egnp.exe', 'a gnp.exe'],
  ['a\u200bb\u2066c\ufeffd', 'a b c d'],
  ['a\u2028b\u2029c', 'a b c'],
  ['a\ud800b', 'a\ufffdb'],
  ['a'.repeat(20), 'a'.repeat(20)],
  ['a'.repeat(21), `${'a'.repeat(19)}…`],
  ['😀'.repeat(20), '😀'.repeat(20)],
  ['😀'.repeat(21), `${'😀'.repeat(19)}…`],
  [`${'\u001b[0m'.repeat(1000)}hidden`, '…'],
];

for (const [text, plain] of TEXTS) {
  test(`${JSON.stringify(text).slice(0, 48)} reads ${JSON.stringify(plain)}`, () => {
    assert.equal(plainText(text, 20), plain);
  });
}

test('megabytes take no time', () => {
  const start = performance.now();
  for (const part of ['\u001b[0', '\u001b]', '\u001b]x', ' ', '\u0000', '\ud800'])
    plainText(part.repeat(2e6), 1000);
  assert.ok(performance.now() - start < 1000);
});
