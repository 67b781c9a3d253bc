// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFlights } from '../../src/discover/flight.ts';
import { CountersignError } from '../../src/errors.ts';
import type { Exchange } from '../../src/registry/index.ts';

function waiter(budgetMs = 60_000): Exchange & { leave(): void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    deadline: performance.now() + budgetMs,
    leave: () => controller.abort(new CountersignError('DEADLINE_EXCEEDED', 'over')),
  };
}

const isCode = (code: string) => (error: unknown) => error instanceof CountersignError && error.code === code;

test('who asks at the same time shares one flight, who asks later starts another', async () => {
  const flights = createFlights<number>();
  let flown = 0;
  const work = async () => ++flown;
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => flights('a', waiter(), work))), [1, 1, 1]);
  assert.equal(await flights('a', waiter(), work), 2);
});

test('different keys fly apart', async () => {
  const flights = createFlights<string>();
  const both = ['a', 'b'].map((key) => flights(key, waiter(), async () => key));
  assert.deepEqual(await Promise.all(both), ['a', 'b']);
});

test('a leader that runs out of time fails alone', async () => {
  const flights = createFlights<string>();
  const work = Promise.withResolvers<string>();
  const leader = waiter();
  const led = flights('a', leader, () => work.promise);
  const followed = flights('a', waiter(), () => assert.fail('the follower must join'));
  leader.leave();
  await assert.rejects(led, isCode('DEADLINE_EXCEEDED'));
  work.resolve('landed');
  assert.equal(await followed, 'landed');
});

test('the last to leave aborts the work, and nobody joins an aborted flight', async () => {
  const flights = createFlights<string>();
  const only = waiter();
  let signal: AbortSignal | undefined;
  const left = flights('a', only, (shared) => {
    signal = shared.signal;
    return new Promise(() => {});
  });
  only.leave();
  await assert.rejects(left, isCode('DEADLINE_EXCEEDED'));
  assert.equal(signal?.aborted, true);
  assert.equal(await flights('a', waiter(), async () => 'anew'), 'anew');
});

test('the deadline of the work is that of the longest waiter', async () => {
  const flights = createFlights<string>();
  const work = Promise.withResolvers<string>();
  const [short, long] = [waiter(10), waiter(60_000)];
  let shared: Exchange | undefined;
  const both = [short, long].map((one) =>
    flights('a', one, (exchange) => {
      shared = exchange;
      return work.promise;
    }),
  );
  assert.equal(shared?.deadline, long.deadline);
  work.resolve('landed');
  await Promise.all(both);
});

test('a failure fails all who wait, and is not remembered', async () => {
  const flights = createFlights<string>();
  const fail = async (): Promise<string> => {
    throw new CountersignError('REGISTRY_UNREACHABLE', 'down');
  };
  const both = await Promise.allSettled([1, 2].map(() => flights('a', waiter(), fail)));
  assert.deepEqual(
    both.map((one) => one.status),
    ['rejected', 'rejected'],
  );
  assert.equal(await flights('a', waiter(), async () => 'up'), 'up');
});

test('a caller who is gone already starts nothing', async () => {
  const flights = createFlights<string>();
  const gone = waiter();
  gone.leave();
  await assert.rejects(
    flights('a', gone, () => assert.fail('nothing must start')),
    isCode('DEADLINE_EXCEEDED'),
  );
});
