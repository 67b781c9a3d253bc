// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generalizedTime, nullValue, octetString } from '../../src/certificate/der.ts';
import { DER, readDer } from '../../src/certificate/read-der.ts';
import { readTime } from '../../src/certificate/read-time.ts';

test('values of any length are written with the shortest length, which reading demands', () => {
  for (const length of [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 2 * 1024 * 1024]) {
    const { tag, content } = readDer(octetString(Buffer.alloc(length, 7)));
    assert.deepEqual([tag, content.length], [DER.octetString, length]);
  }
});

test('a GeneralizedTime has the fraction it is given, without zeros at its end', () => {
  const date = new Date(Date.UTC(2026, 4, 1, 12, 30, 59, 999));
  const second = Date.UTC(2026, 4, 1, 12, 30, 59);
  for (const [fraction, text, milliseconds] of [
    ['', '20260501123059Z', 0],
    ['000', '20260501123059Z', 0],
    ['120', '20260501123059.12Z', 120],
    ['123456', '20260501123059.123456Z', 123],
  ] as const) {
    const value = readDer(generalizedTime(date, fraction));
    assert.equal(Buffer.from(value.content).toString(), text);
    assert.equal(readTime(value), second + milliseconds);
  }
});

test('a null is empty', () => {
  assert.deepEqual([...nullValue()], [DER.null, 0]);
});
