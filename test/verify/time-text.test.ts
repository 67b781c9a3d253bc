// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeText } from '../../src/verify/time-text.ts';

const TIMES: readonly [timeMs: number, text: string][] = [
  [0, '1970-01-01T00:00:00.000Z'],
  [8.64e15, '+275760-09-13T00:00:00.000Z'],
  [8.64e15 + 1, '8640000000000001 ms'],
  [Number.POSITIVE_INFINITY, 'Infinity ms'],
  [Number.NaN, 'NaN ms'],
];

for (const [timeMs, text] of TIMES) test(text, () => assert.equal(timeText(timeMs), text));
