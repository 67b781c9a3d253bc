// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeOfCandidates } from '../../src/discover/size-of-candidates.ts';
import { LIMITS } from '../../src/limits.ts';
import type { Candidate } from '../../src/verify/index.ts';

const EACH = LIMITS.factOverheadBytes;

test('content counts once, however many share it; each candidate costs something of its own', () => {
  const layer = (payload: Uint8Array): Candidate => ({
    kind: 'simple-signing',
    id: '',
    storage: 'tag',
    payload,
    annotations: { ab: 'cde' },
  });
  const payload = Buffer.alloc(1000);
  assert.equal(sizeOfCandidates([]), 0);
  assert.equal(sizeOfCandidates([layer(payload), layer(payload)]), 1000 + 2 * (EACH + 10));
  assert.equal(sizeOfCandidates([layer(payload), layer(Buffer.alloc(1000))]), 2000 + 2 * (EACH + 10));
});

test('bundles count their bytes, what could not be read its message', () => {
  const bundle: Candidate = { kind: 'bundle', id: '', storage: 'referrer', bytes: Buffer.alloc(77) };
  const gone: Candidate = {
    kind: 'unreadable',
    id: '',
    storage: 'tag',
    code: 'BLOB_NOT_FOUND',
    message: '12345',
  };
  assert.equal(sizeOfCandidates([bundle, gone]), 77 + 10 + 2 * EACH);
});
