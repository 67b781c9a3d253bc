// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysBetween, endOfDay, lastDayBefore, parseMoment } from '../../src/policy/time.ts';

test('a day ends with the next midnight, UTC', () => {
  assert.equal(endOfDay('2027-03-01'), Date.parse('2027-03-02T00:00:00Z'));
  assert.equal(endOfDay('2028-02-29'), Date.parse('2028-03-01T00:00:00Z'));
  assert.equal(endOfDay('2026-12-31'), Date.parse('2027-01-01T00:00:00Z'));
  assert.equal(lastDayBefore(Date.parse('2027-03-02T00:00:00Z')), '2027-03-01');
});

const MOMENTS: readonly (readonly [string, 'start' | 'end', string])[] = [
  ['2027-03-01', 'start', '2027-03-01T00:00:00.000Z'],
  ['2027-03-01', 'end', '2027-03-01T23:59:59.999Z'],
  ['2027-03-01T12:00:00Z', 'end', '2027-03-01T12:00:00.000Z'],
  ['2027-03-01t12:00:00z', 'start', '2027-03-01T12:00:00.000Z'],
  ['2027-03-01T12:00:00.5Z', 'start', '2027-03-01T12:00:00.500Z'],
  ['2027-03-01T12:00:00.123456789Z', 'start', '2027-03-01T12:00:00.123Z'],
  ['2027-03-01T00:30:00+01:00', 'start', '2027-02-28T23:30:00.000Z'],
  ['2027-02-28T23:30:00-01:30', 'start', '2027-03-01T01:00:00.000Z'],
  ['2027-03-01T23:59:59+00:00', 'start', '2027-03-01T23:59:59.000Z'],
];

for (const [text, edge, expected] of MOMENTS) {
  test(`${text} (${edge}) is ${expected}`, () => {
    assert.equal(new Date(parseMoment(text, edge) ?? Number.NaN).toISOString(), expected);
  });
}

const NO_DAYS = [
  '',
  '2027',
  '2027-3-1',
  '2027-02-30',
  '2027-02-29',
  '2027-13-01',
  '2027-00-10',
  '2027-01-00',
  '2027-01-32',
  '01-03-2027',
  '2027/03/01',
  ' 2027-03-01',
  '2027-03-01\n',
  '+002027-03-01',
  'tomorrow',
  '20270301',
];

const NO_MOMENTS = [
  ...NO_DAYS,
  '2027-03-01T12:00:00',
  '2027-03-01 12:00:00Z',
  '2027-03-01T12:00Z',
  '2027-03-01T24:00:00Z',
  '2027-03-01T12:60:00Z',
  '2027-03-01T12:00:60Z',
  '2027-02-30T12:00:00Z',
  '2027-03-01T12:00:00+0100',
  '2027-03-01T12:00:00+24:00',
  '2027-03-01T12:00:00.Z',
  '2027-03-01T12:00:00Zx',
];

for (const text of NO_DAYS)
  test(`no day: ${JSON.stringify(text)}`, () => assert.equal(endOfDay(text), undefined));
for (const text of NO_MOMENTS) {
  test(`no moment: ${JSON.stringify(text)}`, () => assert.equal(parseMoment(text, 'start'), undefined));
}

test('days are counted with the begun one', () => {
  const noon = Date.parse('2027-03-01T12:00:00Z');
  assert.equal(daysBetween(noon, Date.parse('2027-03-02T00:00:00Z')), 1);
  assert.equal(daysBetween(noon, Date.parse('2027-03-03T00:00:00Z')), 2);
});
