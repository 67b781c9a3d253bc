// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeHolds, verifyCandidate } from '../../src/verify/index.ts';
import { isInWindow } from '../../src/verify/key-window.ts';
import { IMAGE, legacyCandidate, sharedKey, signerOf, trusted } from '../support/verification.ts';

const key = sharedKey();

test('both ends of a window belong to it', () => {
  const windowed = trusted(key, { notBefore: 1000, notAfter: 2000 });
  const inside = [999, 1000, 1500, 2000, 2001].map((now) => isInWindow(windowed, now));
  assert.deepEqual(inside, [false, true, true, true, false]);
});

test('a clock that is not a number is in no window', () => {
  assert.equal(isInWindow(trusted(key), Number.NaN), false);
});

test('without windows an outcome holds for ever', () => {
  assert.deepEqual(outcomeHolds(signerOf([trusted(key)]), 5), { from: -Infinity, until: Infinity });
});

test('an outcome holds between the edges around now', () => {
  const signer = signerOf([
    trusted(key, { notAfter: 1000 }),
    trusted(sharedKey('ecdsa-p256', 'next'), { notBefore: 900, notAfter: 3000 }),
  ]);
  const holds = [0, 899, 900, 1000, 1001, 3000, 3001].map((now) => outcomeHolds(signer, now));
  assert.deepEqual(holds, [
    { from: -Infinity, until: 899 },
    { from: -Infinity, until: 899 },
    { from: 900, until: 1000 },
    { from: 900, until: 1000 },
    { from: 1001, until: 3000 },
    { from: 1001, until: 3000 },
    { from: 3001, until: Infinity },
  ]);
});

test('a time between two milliseconds is in no interval that leaves it out', () => {
  const { from, until } = outcomeHolds(signerOf([trusted(key, { notAfter: 1000 })]), 1000.5);
  assert.ok(!(from <= 1000.5 && 1000.5 <= until));
});

test('inside the interval the outcome is the same, at its edges it changes', () => {
  const signer = signerOf([trusted(key, { notBefore: 100, notAfter: 200 })]);
  const candidate = legacyCandidate(key);
  const codeAt = (now: number) => verifyCandidate(candidate, signer, IMAGE, now).code;
  for (const now of [50, 150, 250]) {
    const { from, until } = outcomeHolds(signer, now);
    const finite = [from, until].filter(Number.isFinite);
    for (const edge of finite) assert.equal(codeAt(edge), codeAt(now));
    if (Number.isFinite(from)) assert.notEqual(codeAt(from - 1), codeAt(now));
    if (Number.isFinite(until)) assert.notEqual(codeAt(until + 1), codeAt(now));
  }
});

test('what a certificate is held against now for holds for this moment only', () => {
  const { keys: _, ...rest } = signerOf([]);
  const anything = { text: '', matches: () => true };
  const keyless = {
    ...rest,
    kind: 'keyless',
    issuer: anything,
    subject: { ...anything, kinds: [] },
    claims: [],
  } as const;
  assert.deepEqual(outcomeHolds(keyless, 5), { from: -Infinity, until: Infinity });
  const timeless = { ...keyless, demands: { ...keyless.demands, unsafeNoTime: true } };
  assert.deepEqual(outcomeHolds(timeless, 5), { from: 5, until: 5 });
});
