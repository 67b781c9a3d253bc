// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBudget } from '../../src/discover/budget.ts';
import { type BytesUnderWay, createBytesUnderWay, type Share } from '../../src/discover/bytes-under-way.ts';
import { CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { tenant } from '../../src/sharing/index.ts';

const { discoveryBytesUnderWay: ALL, smallDiscoveryBytes: SMALL, smallDiscoveriesReserve: RESERVE } = LIMITS;
const EXCEEDED = { code: 'LIMIT_EXCEEDED' };
const A = tenant('a');
const NEVER = new AbortController().signal;

/** A discovery that takes so much at once, and holds it until it is told to end. */
function discovery(underWay: BytesUnderWay, tenants = A, takes: readonly number[] = [], signal = NEVER) {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let attempts = 0;
  let holds = false;
  const done = underWay.within(tenants, signal, async (share: Share) => {
    attempts += 1;
    for (const bytes of takes) share.take(bytes);
    holds = true;
    await ended;
  });
  done.catch(() => {});
  return { done, end, attempts: () => attempts, holds: () => holds };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what does not fit waits, holding nothing, and goes on when there is room', async () => {
  const underWay = createBytesUnderWay();
  const first = discovery(underWay, A, [ALL - SMALL - 1]);
  const second = discovery(underWay, tenant('b'), [SMALL, SMALL]);
  await turn();
  assert.equal(second.holds(), false);
  assert.equal(underWay.total, ALL - SMALL - 1);
  first.end();
  await turn();
  assert.ok(second.holds());
  assert.equal(second.attempts(), 2);
  second.end();
  await Promise.all([first.done, second.done]);
  assert.equal(underWay.total, 0);
});

test('what takes more and more begins anew a few times at most', async () => {
  const underWay = createBytesUnderWay();
  const release = underWay.hold({}, ALL, A);
  const growing = discovery(
    underWay,
    tenant('b'),
    Array.from({ length: 1024 }, () => SMALL - 1),
  );
  for (let round = 0; round < 10; round += 1) {
    await turn();
    underWay.hold({}, 1, A)();
  }
  assert.equal(growing.attempts(), 1);
  release();
  await turn();
  assert.ok(growing.holds());
  assert.ok(growing.attempts() <= 11, `${growing.attempts()} attempts`);
  growing.end();
  await growing.done;
  assert.equal(underWay.total, 0);
});

test('whoever goes away leaves the line with the reason, and nothing is left of it', async () => {
  const underWay = createBytesUnderWay();
  const release = underWay.hold({}, ALL, A);
  const caller = new AbortController();
  const waiting = discovery(underWay, tenant('b'), [SMALL + 1], caller.signal);
  const next = discovery(underWay, tenant('c'), [SMALL + 1]);
  await turn();
  caller.abort(new CountersignError('DEADLINE_EXCEEDED', 'gone'));
  await assert.rejects(waiting.done, { code: 'DEADLINE_EXCEEDED' });
  release();
  await turn();
  assert.ok(next.holds());
  next.end();
  await next.done;
  assert.equal(underWay.total, 0);
});

test('whoever goes away no longer stands before somebody who needs less', async () => {
  const underWay = createBytesUnderWay();
  const release = underWay.hold({}, ALL / 4, A);
  const full = underWay.hold({}, (3 * ALL) / 4, tenant('b'));
  const caller = new AbortController();
  const [large, small] = [ALL / 4, ALL / 16];
  const before = discovery(underWay, A, [large], caller.signal);
  const behind = discovery(underWay, A, [small]);
  await turn();
  underWay.hold({}, ALL / 8, tenant('b'));
  full();
  await turn();
  assert.deepEqual([before.holds(), behind.holds()], [false, false]);
  caller.abort();
  await assert.rejects(before.done, { code: 'CANCELLED' });
  await turn();
  assert.ok(behind.holds());
  behind.end();
  release();
  await behind.done;
});

test('one namespace leaves room for the others, in whose turn it is not', async () => {
  const underWay = createBytesUnderWay();
  const MiB = 1024 * 1024;
  const flood = Array.from({ length: 50 }, () => discovery(underWay, A, [16 * MiB]));
  await turn();
  assert.equal(flood.filter((one) => one.holds()).length, 3);
  const quiet = discovery(underWay, tenant('quiet'), [16 * MiB]);
  assert.ok(quiet.holds());
  quiet.end();
  for (const one of flood) one.end();
  await Promise.all([quiet, ...flood].map(({ done }) => done));
  assert.equal(underWay.total, 0);
});

test('a single image of a namespace gets what it needs, in however many pieces', async () => {
  const underWay = createBytesUnderWay();
  const piece = LIMITS.candidateBytes / 64;
  const one = discovery(
    underWay,
    A,
    Array.from({ length: 64 }, () => piece),
  );
  assert.ok(one.holds());
  one.end();
  await one.done;
});

test('a small discovery still finds room where large ones hold everything', async () => {
  const underWay = createBytesUnderWay();
  const release = underWay.hold({}, ALL, A);
  const small = Array.from({ length: RESERVE / SMALL }, (_, index) =>
    discovery(underWay, tenant(`${index}`), [SMALL - 1, 1]),
  );
  assert.ok(small.every((one) => one.holds()));
  const more = discovery(underWay, tenant('more'), [1]);
  await turn();
  assert.equal(more.holds(), false);
  release();
  await turn();
  assert.ok(more.holds());
  for (const one of [...small, more]) one.end();
  await Promise.all([...small, more].map(({ done }) => done));
  assert.equal(underWay.total, 0);
});

test('what fails on its own fails at once, and nothing can be taken afterwards', async () => {
  const underWay = createBytesUnderWay();
  let kept: Share | undefined;
  const failing = underWay.within(A, NEVER, async (share) => {
    kept = share;
    share.take(ALL);
    throw new RangeError('x');
  });
  await assert.rejects(failing, RangeError);
  assert.throws(() => kept?.take(1), { code: 'CANCELLED' });
  assert.equal(underWay.total, 0);
});

test('what could never fit is refused, not tried for ever', async () => {
  const underWay = createBytesUnderWay();
  const never = discovery(underWay, A, [ALL + RESERVE + 1]);
  await assert.rejects(never.done, EXCEEDED);
  assert.equal(underWay.total, 0);
});

test('what verifications hold counts, once for all who hold the same', () => {
  const underWay = createBytesUnderWay();
  const candidates: never[] = [];
  const releases = [1, 2, 3].map(() => underWay.hold(candidates, ALL, A));
  for (const release of releases) {
    assert.equal(underWay.total, ALL);
    release();
  }
  assert.equal(underWay.total, 0);
});

test('the budget of an image counts in the share, and is its own bound', async () => {
  const underWay = createBytesUnderWay();
  await underWay.within(A, NEVER, async (share) => {
    createBudget(share).takeBytes(LIMITS.candidateBytes);
    assert.equal(underWay.total, LIMITS.candidateBytes);
    assert.throws(() => createBudget(share).takeBytes(LIMITS.candidateBytes + 1), EXCEEDED);
  });
});

test('a manifest counts as often as it is there while it is read', async () => {
  const underWay = createBytesUnderWay();
  await underWay.within(A, NEVER, async (share) => {
    createBudget(share).takeJson(1000);
    assert.equal(underWay.total, LIMITS.manifestCopies * 1000);
  });
});
