// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBudget } from '../../src/discover/budget.ts';
import { createBytesUnderWay } from '../../src/discover/bytes-under-way.ts';
import { LIMITS } from '../../src/limits.ts';

const { discoveryBytesUnderWay: ALL, smallDiscoveryBytes: SMALL, smallDiscoveriesReserve: RESERVE } = LIMITS;
const EXCEEDED = { code: 'LIMIT_EXCEEDED' };

test('all discoveries together hold no more than the bound', () => {
  const underWay = createBytesUnderWay();
  const [one, other] = [underWay.begin(), underWay.begin()];
  one.take(ALL - SMALL - 1);
  assert.throws(() => other.take(SMALL + 2), EXCEEDED);
  other.take(SMALL + 1);
  one.end();
  other.take(ALL - SMALL - 1);
});

test('a small discovery still finds room where large ones hold everything', () => {
  const underWay = createBytesUnderWay();
  underWay.begin().take(ALL);
  const small = underWay.begin();
  small.take(SMALL - 1);
  small.take(1);
  assert.throws(() => small.take(1), EXCEEDED);
  for (let taken = SMALL; taken < RESERVE; taken += SMALL) underWay.begin().take(SMALL);
  assert.throws(() => underWay.begin().take(1), EXCEEDED);
});

test('what is refused is not counted, and nothing is given back twice', () => {
  const underWay = createBytesUnderWay();
  const share = underWay.begin();
  for (let round = 0; round < 3; round += 1) assert.throws(() => share.take(ALL + RESERVE + 1), EXCEEDED);
  share.take(ALL);
  share.end();
  share.end();
  assert.throws(() => share.take(1), { code: 'CANCELLED' });
  underWay.begin().take(ALL);
  assert.throws(() => underWay.begin().take(SMALL + 1), EXCEEDED);
});

test('what verifications hold counts, once for all who hold the same', () => {
  const underWay = createBytesUnderWay();
  const candidates: never[] = [];
  const releases = [1, 2, 3].map(() => underWay.hold(candidates, ALL));
  assert.throws(() => underWay.begin().take(SMALL + 1), EXCEEDED);
  releases.slice(1).forEach((release) => {
    release();
  });
  assert.throws(() => underWay.begin().take(SMALL + 1), EXCEEDED);
  releases[0]?.();
  underWay.begin().take(ALL);
});

test('the budget of an image counts in the share', () => {
  const underWay = createBytesUnderWay();
  createBudget(underWay.begin()).takeBytes(LIMITS.candidateBytes);
  assert.throws(() => createBudget(underWay.begin()).takeBytes(LIMITS.candidateBytes), EXCEEDED);
  assert.throws(
    () => createBudget(createBytesUnderWay().begin()).takeBytes(LIMITS.candidateBytes + 1),
    EXCEEDED,
  );
});

test('a manifest counts as often as it is there while it is read', () => {
  const underWay = createBytesUnderWay();
  const { takeJson } = createBudget(underWay.begin());
  takeJson(Math.floor(SMALL / LIMITS.manifestCopies));
  underWay.begin().take(ALL - SMALL);
  assert.throws(() => takeJson(1), EXCEEDED);
});
