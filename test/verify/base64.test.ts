// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { parseBase64 } from '../../src/verify/base64.ts';

test('what was encoded comes back, at every length', () => {
  for (let length = 0; length < 70; length += 1) {
    const bytes = randomBytes(length);
    assert.deepEqual(Buffer.from(parseBase64(bytes.toString('base64')) ?? 'none'), bytes);
  }
});

const refused = {
  'no padding': 'aGk',
  'half of the padding': 'aA=',
  'only padding': '====',
  'padding in the middle': 'aGk=aGk=',
  'a trailing newline': 'aGk=\n',
  'white space inside': 'aG k',
  'a leading space': ' aGk',
  'the URL alphabet': '-_-_',
  'stray bits after one byte': 'aB==',
  'stray bits after two bytes': 'aGl=',
  'a NUL': 'aG\0k',
  'a letter that folds to ASCII': 'aG\u212A=',
  'PEM armour': '-----BEGIN SIGNATURE-----',
};

for (const [what, text] of Object.entries(refused)) {
  test(`${what} is refused`, () => {
    assert.equal(parseBase64(text), undefined);
  });
}

test('twenty megabytes are read in one pass', { timeout: 60_000 }, () => {
  const text = 'A'.repeat(20_000_000);
  assert.equal(parseBase64(text)?.length, 15_000_000);
  assert.equal(parseBase64(`${text}AAA-`), undefined);
});
