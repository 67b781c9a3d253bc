// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, digestTag, isDigest, parseDigest } from '../../src/image/digest.ts';

const HEX64 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HEX128 = 'ab'.repeat(64);

test('a digest is sha256 or sha512 with exactly its number of lower-case hex digits', () => {
  for (const digest of [`sha256:${HEX64}`, `sha512:${HEX128}`]) {
    assert.equal(parseDigest(digest), digest);
    assert.ok(isDigest(digest));
  }
});

const REFUSED = [
  '',
  'sha256',
  'sha256:',
  `sha256:${HEX64.slice(1)}`,
  `sha256:${HEX64}0`,
  `sha256:${HEX64.toUpperCase()}`,
  `SHA256:${HEX64}`,
  `sha256-${HEX64}`,
  `sha256:${HEX64}\n`,
  `\nsha256:${HEX64}`,
  ` sha256:${HEX64}`,
  `sha256:${HEX64.slice(1)}g`,
  `sha256:${HEX128}`,
  `sha512:${HEX64}`,
  `sha384:${'a'.repeat(96)}`,
  `sha1:${'a'.repeat(40)}`,
  `md5:${'a'.repeat(32)}`,
  HEX64,
  `sha256:${HEX64}@sha256:${HEX64}`,
  `sha256:sha256:${HEX64}`,
];

for (const text of REFUSED) {
  test(`not a digest: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseDigest(text), { name: 'CountersignError', code: 'DIGEST_INVALID' });
    assert.equal(isDigest(text), false);
  });
}

test('the digest of bytes, and its tag form', () => {
  assert.equal(digestOf(new Uint8Array()), `sha256:${HEX64}`);
  assert.match(digestOf(Buffer.from('x'), 'sha512'), /^sha512:[0-9a-f]{128}$/);
  assert.equal(digestTag(`sha256:${HEX64}`), `sha256-${HEX64}`);
});

test('a message never carries control characters of the input', () => {
  assert.throws(
    () => parseDigest('a\n\u001b[31m\u202eb\u009b'),
    (error: Error) => /^[\x20-\x7e]*$/.test(error.message),
  );
});
