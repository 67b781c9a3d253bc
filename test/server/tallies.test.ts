// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { counter } from '../../src/server/tallies.ts';

function counted() {
  const register = new Registry();
  const tallies = counter(register, 'things_total', 'Things.', 'first', 'second');
  const lines = async () =>
    (await register.metrics()).split('\n').filter((line) => line.startsWith('things_total'));
  return { tallies, lines };
}

test('the same values are one series, others another, whatever they have in common', async () => {
  const { tallies, lines } = counted();
  tallies.of('a', 'b').count += 1;
  tallies.of('a', 'b').count += 2;
  tallies.of('a', 'c').count += 1;
  tallies.of('b', 'a').count += 5;
  assert.deepEqual(await lines(), [
    'things_total{first="a",second="b"} 3',
    'things_total{first="a",second="c"} 1',
    'things_total{first="b",second="a"} 5',
  ]);
});

test('each look shows all that was counted, once; a series is shown at zero', async () => {
  const { tallies, lines } = counted();
  const tally = tallies.of('a', 'b');
  assert.deepEqual(await lines(), ['things_total{first="a",second="b"} 0']);
  tally.count += 1;
  assert.deepEqual(await lines(), ['things_total{first="a",second="b"} 1']);
  tally.count += 1;
  assert.deepEqual(await lines(), ['things_total{first="a",second="b"} 2']);
  assert.deepEqual(await lines(), ['things_total{first="a",second="b"} 2']);
});
