// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preAuthenticationEncoding } from '../../../src/verify/sigstore/dsse.ts';

const encode = (type: string, payload: string) =>
  Buffer.from(preAuthenticationEncoding(type, Buffer.from(payload))).toString();

test('the test vector of the DSSE specification', () => {
  assert.equal(
    encode('http://example.com/HelloWorld', 'hello world'),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});

test('lengths are bytes, not characters', () => {
  assert.equal(encode('tüpe', 'né'), 'DSSEv1 5 tüpe 3 né');
  assert.equal(encode('', ''), 'DSSEv1 0  0 ');
});

test('type and payload cannot be shifted against each other', () => {
  assert.notEqual(encode('a 1', 'b'), encode('a', '1 b'));
});
