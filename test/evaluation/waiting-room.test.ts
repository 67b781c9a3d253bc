// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Question } from '../../src/evaluation/question.ts';
import { startVisit } from '../../src/evaluation/visit.ts';
import { createWaitingRoom } from '../../src/evaluation/waiting-room.ts';
import { call } from '../support/world.ts';

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

test('callers who are not proven have the places of one namespace, however many they name', async () => {
  const admit = createWaitingRoom({ all: 8 });
  const visitOf = (namespace: string, proven: boolean) => {
    const question: Question = { images: [], scope: { namespace }, subject: 'pod', checkPins: false };
    return startVisit({ ...call(), proven }, question, { admit });
  };
  const strangers = Array.from({ length: 8 }, (_, index) => visitOf(`made-up-${index}`, false));
  const outcomes = await Promise.allSettled(strangers.map((visit) => visit.wait(async () => 'asked')));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    [...Array(4).fill('fulfilled'), ...Array(4).fill('rejected')],
  );
  assert.match(
    String(outcomes[7]?.status === 'rejected' && outcomes[7].reason),
    /4 reviews of unproven callers wait/,
  );
  const shop = visitOf('made-up-0', true);
  assert.equal(await shop.wait(async () => 'asked'), 'asked');
  for (const visit of [...strangers, shop]) visit.stop();
});
