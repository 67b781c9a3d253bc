// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BYTES_UNDER_WAY, createHolds } from '../../src/discover/index.ts';
import { sizeOfCandidates } from '../../src/discover/size-of-candidates.ts';
import type { Candidate } from '../../src/verify/index.ts';

const candidates = (): readonly Candidate[] => [
  { kind: 'bundle', id: '1', storage: 'referrer', bytes: Buffer.alloc(1000) },
];

test('what is held counts until the end, and once however often the end comes', () => {
  const before = BYTES_UNDER_WAY.total;
  const holds = createHolds({});
  const found = [candidates(), candidates()];
  for (const one of found) holds.add(one);
  assert.equal(BYTES_UNDER_WAY.total - before, 2 * sizeOfCandidates(candidates()));
  holds.end();
  assert.equal(BYTES_UNDER_WAY.total, before);
  holds.end();
  assert.equal(BYTES_UNDER_WAY.total, before);
});

test('what comes after the end is not counted', () => {
  const before = BYTES_UNDER_WAY.total;
  const holds = createHolds({});
  holds.end();
  holds.add(candidates());
  assert.equal(BYTES_UNDER_WAY.total, before);
});
