// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/limits.ts';
import { verifyTimestamps } from '../../../../src/verify/sigstore/timestamp/verify-timestamps.ts';
import type { TrustedTimestampAuthority } from '../../../../src/verify/trust-root.ts';
import { AUTHORITY, type Holder, holderOf } from '../../../support/authorities.ts';
import { makeTimestamp, timestampSigner } from '../../../support/timestamps.ts';

const signed = Buffer.from('a signature');
const root = holderOf('root', { extensions: AUTHORITY });
const [one, two] = [timestampSigner(root), timestampSigner(root, { subject: 'second' })];
const authorityOf = (signer: Holder, uri: string): TrustedTimestampAuthority => ({
  uri,
  chain: [signer.certificate, root.certificate],
  window: { from: 0, until: Number.POSITIVE_INFINITY },
  hasLeaf: true,
});
const byOne = makeTimestamp({ signed, signer: one });
const byTwo = makeTimestamp({ signed, signer: two, time: '20270102030405Z' });
const elsewhere = makeTimestamp({ signed: Buffer.from('another'), signer: one });
const separate = [authorityOf(one, ''), authorityOf(two, '')];

test('each authority counts once', () => {
  assert.equal(verifyTimestamps([byOne, byTwo], signed, separate).authorities, 2);
  const repeated = verifyTimestamps([byOne, byOne, makeTimestamp({ signed, signer: one })], signed, separate);
  assert.deepEqual([repeated.verified.length, repeated.authorities], [3, 1]);
});

test('certificates of one URI are one authority', () => {
  const shared = [authorityOf(one, 'https://tsa.example'), authorityOf(two, 'https://tsa.example')];
  assert.equal(verifyTimestamps([byOne, byTwo], signed, shared).authorities, 1);
});

test('one that does not hold takes nothing from the others, and is told of', () => {
  const found = verifyTimestamps([elsewhere, byOne, Buffer.alloc(3)], signed, separate);
  assert.deepEqual([found.verified.length, found.authorities], [1, 1]);
  assert.equal(found.problem?.code, 'TIMESTAMP_INVALID');
  assert.equal(verifyTimestamps([byOne], signed, separate).problem, undefined);
});

test('none at all', () => {
  assert.deepEqual(verifyTimestamps([], signed, separate), { verified: [], authorities: 0 });
});

test('too many', () => {
  const tokens = Array<Buffer>(LIMITS.timestamps + 1).fill(byOne);
  assert.throws(() => verifyTimestamps(tokens, signed, separate), { code: 'LIMIT_EXCEEDED' });
});
