// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDer } from '../../src/certificate/read-der.ts';
import { readTime } from '../../src/certificate/read-time.ts';

const read = (tag: number, text: string) =>
  readTime(readDer(Buffer.from([tag, text.length, ...Buffer.from(text)])));
const UTC = 0x17;
const GENERALIZED = 0x18;

test('times are read as they are written', () => {
  const iso = (time: number) => new Date(time).toISOString();
  assert.equal(iso(read(UTC, '491231235959Z')), '2049-12-31T23:59:59.000Z');
  assert.equal(iso(read(UTC, '500101000000Z')), '1950-01-01T00:00:00.000Z');
  assert.equal(iso(read(UTC, '240229120000Z')), '2024-02-29T12:00:00.000Z');
  assert.equal(iso(read(GENERALIZED, '20500101000000.0125Z')), '2050-01-01T00:00:00.012Z');
  assert.equal(iso(read(GENERALIZED, '99991231235959.9Z')), '9999-12-31T23:59:59.900Z');
  assert.equal(iso(read(GENERALIZED, '00500101000000Z')), '0050-01-01T00:00:00.000Z');
});

test('what no calendar and no clock has is refused', () => {
  const none = ['230229', '240230', '240431', '241301', '240001', '240100', '240132'].map(
    (day) => `${day}120000Z`,
  );
  const never = ['240000', '126000', '120060', '250000'].map((time) => `240101${time}Z`);
  for (const text of [...none, ...never]) {
    assert.throws(() => read(UTC, text), /no such time/, text);
    assert.throws(() => read(GENERALIZED, `20${text}`), /no such time/, text);
  }
});

test('another form is refused', () => {
  const forms = [
    '240101120000',
    '240101120000+0000',
    '2401011200Z',
    '24010112000Z',
    ' 240101120000Z',
    '240101120000Z\n',
  ];
  for (const text of forms) assert.throws(() => read(UTC, text), /not a time/, text);
  for (const text of ['20240101120000.Z', '20240101120000.10Z', '240101120000Z'])
    assert.throws(() => read(GENERALIZED, text), /not a time/, text);
});
