// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, sign } from 'node:crypto';
import { test } from 'node:test';
import { demandPromise } from '../../../../src/verify/sigstore/log/promise.ts';
import type { LogEntry } from '../../../../src/verify/sigstore/log-entry.ts';
import { createTestLog, LOGGED_AT, newKey } from '../../../support/test-log.ts';

const log = createTestLog(1);
const body = Buffer.from('{"a":1}');
const promise = log.promise(body, 3n);
const entry: LogEntry = { logId: log.trusted.id, logIndex: 3n, integratedTime: LOGGED_AT, body, promise };
const demand = (more: Partial<LogEntry> = {}, by = promise) =>
  demandPromise({ ...entry, ...more }, by, log.trusted);
const flipped = Buffer.from(promise).fill((promise[20] ?? 0) ^ 1, 20, 21);

test('a promise of the log for this body, time, id and index holds', () => demand());

for (const [name, more, by] of [
  ['another body', { body: Buffer.from('{"a":2}') }, promise],
  ['another time', { integratedTime: LOGGED_AT + 1n }, promise],
  ['no time', { integratedTime: 0n }, promise],
  ['another index', { logIndex: 4n }, promise],
  ['another log', { logId: 'ab'.repeat(32) }, promise],
  ['another promise', {}, createTestLog(1).promise(body, 3n)],
  ['a bit of the promise', {}, flipped],
  ['bytes after the promise', {}, Buffer.concat([promise, Buffer.of(0)])],
  ['an empty promise', {}, Buffer.alloc(0)],
] as const) {
  test(`it does not hold with ${name}`, () => {
    assert.throws(() => demand(more, by), { code: 'LOG_ENTRY_INVALID' });
  });
}

for (const [name, more] of [
  ['a negative time', { integratedTime: -1n }],
  ['a negative index', { logIndex: -1n }],
  ['a time that JSON cannot carry', { integratedTime: 2n ** 53n }],
  ['an index that JSON cannot carry', { logIndex: 2n ** 60n }],
] as const) {
  test(`${name} is none, whoever signed it`, () => {
    const all = { ...entry, ...more };
    const by = log.promise(body, all.logIndex, all.integratedTime);
    assert.throws(() => demandPromise(all, by, log.trusted), /not one that a log gives/);
  });
}

test('what is signed is the canonical JSON, byte by byte', () => {
  const { publicKey, privateKey } = newKey('ec', 'P-384');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest('hex');
  const bytes = Buffer.from(
    `{"body":"eyJhIjoxfQ==","integratedTime":1700000000,"logID":"${id}","logIndex":3}`,
  );
  const of = { ...entry, logId: id };
  const by = { ...log.trusted, id, key: publicKey, spki };
  // Rekor hashes with SHA-256 whatever the curve; what the trust root says of the key is taken as well.
  demandPromise(of, sign('sha256', bytes, privateKey), by);
  demandPromise(of, sign('sha384', bytes, privateKey), { ...by, keyDetails: 'PKIX_ECDSA_P384_SHA_384' });
  assert.throws(() => demandPromise(of, sign('sha384', bytes, privateKey), by), {
    code: 'LOG_ENTRY_INVALID',
  });
});
