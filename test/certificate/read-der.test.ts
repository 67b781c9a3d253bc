// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { childrenOf, readDer, wrappedIn } from '../../src/certificate/read-der.ts';

const read = (hex: string) => readDer(Buffer.from(hex, 'hex'));

suite('a value inside another', () => {
  test('is a view of the bytes, wherever they stand', () => {
    const [outer] = childrenOf(read('3006300404020102'));
    const [inner] = outer === undefined ? [] : childrenOf(outer);
    assert.deepEqual(inner?.content, Buffer.of(1, 2));
    assert.deepEqual(inner?.whole, Buffer.of(4, 2, 1, 2));
    const within = Buffer.from('ff30030201070000', 'hex').subarray(1, 6);
    assert.deepEqual(childrenOf(readDer(within))[0]?.content, Buffer.of(7));
  });

  // The bytes that the inner one lacks are there: they are those of the value behind it.
  const BAD: Readonly<Record<string, string>> = {
    'in its content': '3007' + '30030403aa' + '0400',
    'before its length': '3005' + '300104' + '0500',
  };
  for (const [what, hex] of Object.entries(BAD)) {
    test(`does not reach beyond it: cut off ${what}`, () => {
      assert.throws(() => childrenOf(read(hex)).flatMap(childrenOf), /cut off/);
    });
  }
});

test('what an octet string wraps is one value, which fills it', () => {
  assert.deepEqual(wrappedIn(read('0403020105')).content, Buffer.of(5));
  assert.throws(() => wrappedIn(read('040402010500')), /bytes follow/);
  assert.throws(() => wrappedIn(read('0403020205')), /cut off/);
  assert.throws(() => wrappedIn(read('0400')), /cut off/);
  const [first] = childrenOf(read('300604020202' + '0400'));
  assert.throws(() => first && wrappedIn(first), /cut off/, 'the value behind is not its content');
});
