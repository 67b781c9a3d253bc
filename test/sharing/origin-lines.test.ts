// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { createOriginLines, createSharedTenants, tenant } from '../../src/sharing/index.ts';

const NEVER = new AbortController().signal;
const FLOOD = tenant('flood');
const QUIET = tenant('quiet');
const ORIGIN = 'https://reg.example';

test('answers that never come keep no other namespace from a connection', async () => {
  const lines = createOriginLines(8);
  const held: (() => void)[] = [];
  for (let index = 0; index < 100; index += 1) {
    lines.enter(ORIGIN, FLOOD, NEVER).then((leave) => held.push(leave));
  }
  const leave = await lines.enter(ORIGIN, QUIET, NEVER);
  assert.equal(held.length, 4);
  leave();
  leave();
  await lines.enter(ORIGIN, QUIET, NEVER);
});

test('a connection that is given up goes to the next namespace in turn', async () => {
  const lines = createOriginLines(2);
  const order: string[] = [];
  const first = await lines.enter(ORIGIN, FLOOD, NEVER);
  const enter = (name: string) =>
    lines.enter(ORIGIN, tenant(name), NEVER).then((leave) => {
      order.push(name);
      leave();
    });
  const other = await lines.enter(ORIGIN, tenant('other'), NEVER);
  const all = ['flood', 'flood', 'flood', 'quiet'].map(enter);
  first();
  await Promise.all(all);
  assert.deepEqual(order, ['flood', 'quiet', 'flood', 'flood']);
  other();
});

test('who goes away leaves the line with the reason, and loses no connection', async () => {
  const lines = createOriginLines(2);
  const leave = await lines.enter(ORIGIN, FLOOD, NEVER);
  const caller = new AbortController();
  const waiting = lines.enter(ORIGIN, FLOOD, caller.signal);
  caller.abort(new CountersignError('DEADLINE_EXCEEDED', 'gone'));
  await assert.rejects(waiting, { code: 'DEADLINE_EXCEEDED' });
  await assert.rejects(lines.enter(ORIGIN, FLOOD, caller.signal), { code: 'DEADLINE_EXCEEDED' });
  leave();
  (await lines.enter(ORIGIN, FLOOD, NEVER))();
});

test('a request that another namespace waits for too stands in its line as well', async () => {
  const lines = createOriginLines(4);
  await lines.enter(ORIGIN, FLOOD, NEVER);
  await lines.enter(ORIGIN, FLOOD, NEVER);
  const shared = createSharedTenants();
  shared.join(FLOOD);
  let entered = false;
  const request = lines.enter(ORIGIN, shared, NEVER).then(() => {
    entered = true;
  });
  await new Promise(setImmediate);
  assert.equal(entered, false);
  shared.join(QUIET);
  await request;
});

test('origins do not wait for each other', async () => {
  const lines = createOriginLines(2);
  await lines.enter(ORIGIN, FLOOD, NEVER);
  await lines.enter('https://other.example', FLOOD, NEVER);
});
