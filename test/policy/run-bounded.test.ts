// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUT_OF_TIME, runBounded } from '../../src/policy/run-bounded.ts';

const cell = new Int32Array(new SharedArrayBuffer(4));
const standStill = (ms: number) => Atomics.wait(cell, 0, 0, ms);

test('what comes in time is the result, and what is thrown is passed on', () => {
  assert.equal(
    runBounded(() => 7, 10_000),
    7,
  );
  const wrong = new Error('wrong');
  assert.throws(
    () =>
      runBounded(() => {
        throw wrong;
      }, 10_000),
    (error) => error === wrong,
  );
});

test('what does not end is ended, at the second time at the latest', () => {
  let calls = 0;
  const result = runBounded(() => {
    calls += 1;
    for (;;);
  }, 50);
  assert.equal(result, OUT_OF_TIME);
  assert.ok(calls <= 2, `${calls} calls`);
});

test('a call that had no processor is made once more', () => {
  let calls = 0;
  const result = runBounded(() => {
    calls += 1;
    if (calls === 1) standStill(60_000);
    return 'found';
  }, 500);
  assert.equal(result, 'found');
});

test('and not a third time', () => {
  let calls = 0;
  const result = runBounded(() => {
    calls += 1;
    standStill(60_000);
    return 'found';
  }, 100);
  assert.equal(result, OUT_OF_TIME);
  assert.equal(calls, 2);
});
