// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { startDeadline } from '../../src/evaluation/deadline.ts';

const codeOf = (signal: AbortSignal) =>
  signal.reason instanceof CountersignError ? signal.reason.code : signal.reason;

test('a deadline passes with DEADLINE_EXCEEDED when its budget is used up', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  context.mock.method(performance, 'now', () => 7);
  const deadline = startDeadline({ signal: new AbortController().signal, budgetMs: 1000 });
  const { signal } = deadline;
  context.mock.timers.tick(990);
  assert.equal(signal.aborted, false);
  context.mock.timers.tick(10);
  assert.equal(codeOf(signal), 'DEADLINE_EXCEEDED');
  deadline.stop();
});

test('a caller who goes away, or was gone already, is CANCELLED', () => {
  const caller = new AbortController();
  const deadline = startDeadline({ signal: caller.signal, budgetMs: 1000 });
  caller.abort();
  assert.equal(codeOf(deadline.signal), 'CANCELLED');
  deadline.stop();
  const late = startDeadline({ signal: caller.signal, budgetMs: 1000 });
  assert.equal(codeOf(late.signal), 'CANCELLED');
  late.stop();
});

test('a signal that is looked at after its time is aborted already', async () => {
  const deadline = startDeadline({ signal: new AbortController().signal, budgetMs: 5 });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(codeOf(deadline.signal), 'DEADLINE_EXCEEDED');
  deadline.stop();
  const none = startDeadline({ signal: new AbortController().signal, budgetMs: 0 });
  assert.equal(codeOf(none.signal), 'DEADLINE_EXCEEDED');
});

test('after stop nothing aborts any more', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const caller = new AbortController();
  const deadline = startDeadline({ signal: caller.signal, budgetMs: 1000 });
  const { signal } = deadline;
  deadline.stop();
  context.mock.timers.tick(5000);
  caller.abort();
  assert.equal(signal.aborted, false);
});
