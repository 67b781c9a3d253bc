// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWaitingRoom } from '../../src/evaluation/waiting-room.ts';

test('reviews that wait are bounded by namespace and in all, and whoever is turned away is counted', () => {
  let waiting = 0;
  const shed: string[] = [];
  const admit = createWaitingRoom({
    all: 8,
    perNamespace: 3,
    onWaiting: (count) => {
      waiting = count;
    },
    onShed: (by) => shed.push(by),
  });
  const leave = ['a', 'a', 'a', 'b', 'b'].map((namespace) => admit(namespace));
  assert.throws(() => admit('a'), {
    code: 'OVERLOADED',
    message:
      'the registry was not asked: 3 reviews of namespace a wait for registries already, 5 in all, and no more may',
  });
  leave.push(admit('c'), admit('d'), admit(''));
  assert.equal(waiting, 8);
  assert.throws(() => admit('e'), { code: 'OVERLOADED' });
  assert.throws(() => admit(''), /1 reviews without a namespace wait/);
  assert.deepEqual(shed, ['namespace', 'all', 'namespace']);
  for (const one of leave) one();
  assert.equal(waiting, 0);
});
