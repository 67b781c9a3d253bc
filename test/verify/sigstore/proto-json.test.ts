// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bytes, int64, list, message, oneOf, text } from '../../../src/verify/sigstore/proto-json.ts';

const reader = message({
  logIndex: int64,
  rawBytes: bytes(),
  sig: bytes('SIGNATURE_MALFORMED'),
  keyId: text,
  hashes: list(bytes(), 2),
  rfc3161Timestamps: list(message({ signedTimestamp: bytes() }), 1),
  algorithm: oneOf(['NONE', 'ONE', 'TWO']),
});
const read = (value: unknown) => reader(value, 'bundle');
const hex = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString('hex');

suite('read', () => {
  test('fields by their lowerCamel and by their original names', () => {
    assert.equal(hex(read({ rawBytes: 'aGk=' }).rawBytes), '6869');
    assert.equal(hex(read({ raw_bytes: 'aGk=' }).rawBytes), '6869');
    assert.equal(read({ rfc3161_timestamps: [{ signed_timestamp: '' }] }).rfc3161Timestamps?.length, 1);
  });

  test('absent and null alike', () => {
    assert.deepEqual(read({}), {});
    assert.deepEqual(read({ logIndex: null, keyId: null, hashes: null, algorithm: null }), {});
  });

  test('integers of 64 bits from strings, small ones from numbers', () => {
    const values = [
      '0',
      '-0',
      '771488337',
      '9223372036854775807',
      '-9223372036854775808',
      0,
      -5,
      2 ** 53 - 1,
    ];
    const expected = [0n, 0n, 771488337n, 2n ** 63n - 1n, -(2n ** 63n), 0n, -5n, 2n ** 53n - 1n];
    const found = values.map((logIndex) => read({ logIndex }).logIndex);
    assert.deepEqual(found, expected);
  });

  test('enumerations by name and by number', () => {
    assert.equal(read({ algorithm: 'TWO' }).algorithm, 'TWO');
    assert.equal(read({ algorithm: 2 }).algorithm, 'TWO');
  });
});

const refused: Record<string, unknown> = {
  'an unknown field': { more: 1 },
  'an unknown field that is null': { more: null },
  'a field in another case': { RawBytes: '' },
  'a field from the prototype of objects': { constructor: {} },
  'a field under both of its names': { rawBytes: '', raw_bytes: '' },
  'a field under both of its names, one null': { rawBytes: null, raw_bytes: '' },
  'a number as text': { keyId: 1 },
  'an object as text': { keyId: {} },
  'bytes as a list': { rawBytes: [1] },
  'bytes in the URL alphabet': { rawBytes: '-_-_' },
  'bytes without padding': { rawBytes: 'aGk' },
  'an integer with a fraction': { logIndex: 1.5 },
  'an integer past what JSON carries': { logIndex: 2 ** 53 },
  'an integer past 64 bits': { logIndex: '9223372036854775808' },
  'an integer with leading zeros': { logIndex: '01' },
  'an integer with white space': { logIndex: ' 1' },
  'an integer with a sign': { logIndex: '+1' },
  'an integer in hex': { logIndex: '0x1' },
  'an empty integer': { logIndex: '' },
  'a boolean as an integer': { logIndex: true },
  'a list that is an object': { hashes: { 0: '' } },
  'a list with null': { hashes: [null] },
  'a list with one too many': { hashes: ['', '', ''] },
  'an enumeration without that name': { algorithm: 'THREE' },
  'an enumeration without that number': { algorithm: 3 },
  'an enumeration with a negative number': { algorithm: -1 },
  'an enumeration with a fraction': { algorithm: 0.5 },
  'an enumeration by a property of lists': { algorithm: 'length' },
  'a message as a list': [],
  'a message as text': '{}',
  null: null,
};

suite('refused', () => {
  for (const [what, value] of Object.entries(refused)) {
    test(what, () => {
      assert.throws(() => read(value), { name: 'VerificationError', code: 'BUNDLE_MALFORMED' });
    });
  }

  test('the path says where, and the code may be another', () => {
    const where = { rfc3161Timestamps: [{ signedTimestamp: '?' }] };
    assert.throws(() => read(where), /bundle\.rfc3161Timestamps\[0\]\.signedTimestamp: not standard base64/);
    assert.throws(() => read({ sig: '?' }), { code: 'SIGNATURE_MALFORMED' });
  });

  test('a field from the prototype, written in JSON', () => {
    assert.throws(() => read(JSON.parse('{"__proto__":{"keyId":"x"}}')), { code: 'BUNDLE_MALFORMED' });
  });
});
