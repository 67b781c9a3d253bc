// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetMs, parseDuration, parseTimeout } from '../../src/admission/index.ts';

const TIMEOUTS: readonly (readonly [text: string | null | undefined, milliseconds: number])[] = [
  ['10s', 10_000],
  ['1s', 1_000],
  ['30s', 30_000],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['0m7s', 7_000],
  ['2500ms', 2_500],
  ['2500000us', 2_500],
  ['2500000µs', 2_500],
  ['3000000000ns', 3_000],
  ['1s500ms', 1_500],
  // out of bounds
  ['500ms', 1_000],
  ['0s', 1_000],
  ['1m0s', 30_000],
  ['31s', 30_000],
  ['1h', 30_000],
  [`${'9'.repeat(60)}h`, 30_000],
  // absent or unreadable
  [undefined, 10_000],
  [null, 10_000],
  ['', 10_000],
  ['10', 10_000],
  ['s', 10_000],
  ['-3s', 10_000],
  ['+3s', 10_000],
  ['3 s', 10_000],
  [' 3s', 10_000],
  ['3S', 10_000],
  ['3s;', 10_000],
  ['1e3s', 10_000],
  ['.s', 10_000],
  ['NaN', 10_000],
  ['Infinity', 10_000],
  [`${'1'.repeat(100)}s`, 10_000],
  ['1s'.repeat(100_000), 10_000],
];

for (const [text, milliseconds] of TIMEOUTS) {
  test(`timeout ${JSON.stringify(text)?.slice(0, 40)} is ${milliseconds} ms`, () => {
    assert.equal(parseTimeout(text), milliseconds);
  });
}

const BUDGETS: readonly (readonly [timeout: number, budget: number])[] = [
  [30_000, 29_000],
  [10_000, 9_000],
  [2_000, 1_000],
  [1_500, 750],
  [1_000, 500],
];

for (const [timeout, budget] of BUDGETS) {
  test(`of ${timeout} ms, ${budget} ms may be used`, () => {
    assert.equal(budgetMs(timeout), budget);
  });
}

test('a duration that a user wrote is taken as it is, or is a usage error', () => {
  assert.equal(parseDuration('90s'), 90_000);
  assert.equal(parseDuration('1h30m'), 5_400_000);
  assert.equal(parseDuration('100ms'), 100);
  assert.equal(parseDuration('0s', 0), 0);
  for (const text of ['', '10', '-1s', '0s', '600h', 'soon', '1s'.repeat(100)]) {
    assert.throws(() => parseDuration(text), { code: 'USAGE' }, text);
  }
});
