// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { setImmediate as nextPass } from 'node:timers/promises';
import { createTurns, type Turns } from '../../src/evaluation/turns.ts';
import { LIMITS } from '../../src/limits.ts';
import { NO_NAMESPACE } from '../../src/sharing/index.ts';

/** The time of these tests goes on by what is done in it, however slow the machine. */
let now = 0;
mock.method(performance, 'now', () => now);

function burn(milliseconds: number): void {
  now += milliseconds;
}

/** One verification: pieces of a length, and the name of it noted for each. */
async function verify(turns: Turns, name: string, pieces: number, ms: number, log: string[]): Promise<void> {
  let begun = false;
  for (let piece = 0; piece < pieces; piece += 1) {
    if (!turns.mayGoOn(begun)) await turns.next(new AbortController().signal, NO_NAMESPACE);
    begun = true;
    turns.spend(() => burn(ms));
    log.push(name);
  }
}

describe('turns', () => {
  test('all verifications together get one turn of each pass of the event loop', async () => {
    const turns = createTurns();
    const log: string[] = [];
    const all = Promise.all(
      Array.from({ length: 8 }, (_, index) => verify(turns, `${index}`, 3, LIMITS.turnMs, log)),
    );
    let done = 0;
    let most = 0;
    while (log.length < 24) {
      await nextPass();
      most = Math.max(most, log.length - done);
      done = log.length;
    }
    await all;
    assert.ok(most <= 2, `${most} turns in one pass`);
  });

  test('first come, first served: whoever has had a turn goes to the end of the queue', async () => {
    const turns = createTurns();
    const log: string[] = [];
    turns.spend(() => burn(LIMITS.turnMs));
    const names = ['a', 'b', 'c'];
    await Promise.all(names.map((name) => verify(turns, name, 3, LIMITS.turnMs, log)));
    assert.deepEqual(log, [...names, ...names, ...names]);
  });

  test('short ones share a turn', async () => {
    const turns = createTurns();
    const log: string[] = [];
    const long = verify(turns, 'long', 2, LIMITS.turnMs, log);
    const short = Array.from({ length: 50 }, () => verify(turns, 'short', 1, 0, log));
    let passes = 0;
    while (log.length < 52 && passes < 20) {
      await nextPass();
      passes += 1;
    }
    await Promise.all([long, ...short]);
    assert.ok(passes < 20);
  });

  test('who goes away leaves the queue at once, with the reason', async () => {
    const turns = createTurns();
    turns.spend(() => burn(LIMITS.turnMs));
    assert.equal(turns.mayGoOn(false), false);
    const controller = new AbortController();
    const waiting = turns.next(controller.signal, NO_NAMESPACE);
    controller.abort();
    await assert.rejects(waiting, { code: 'CANCELLED' });
    await assert.rejects(turns.next(controller.signal, NO_NAMESPACE), { code: 'CANCELLED' });
    await nextPass();
    assert.equal(turns.mayGoOn(false), true);
  });

  test('work that throws counts, and throws', async () => {
    const turns = createTurns();
    const work = () => {
      burn(LIMITS.turnMs);
      throw new RangeError('x');
    };
    assert.throws(() => turns.spend(work), RangeError);
    assert.equal(turns.mayGoOn(true), false);
  });
});
