// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toLogEntry } from '../../../../src/verify/sigstore/log/bundle-log-entry.ts';

const keyId = Buffer.from('abcd', 'hex');
const body = Buffer.from('{}');
const least = { logId: { keyId }, canonicalizedBody: body };

suite('a log entry of a bundle', () => {
  test('is taken over', () => {
    const promise = Buffer.from('hi');
    const entry = {
      ...least,
      logIndex: 7n,
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: 9n,
      inclusionPromise: { signedEntryTimestamp: promise },
      inclusionProof: {
        logIndex: 3n,
        treeSize: 4n,
        rootHash: body,
        hashes: [body],
        checkpoint: { envelope: 'x' },
      },
    };
    assert.deepEqual(toLogEntry(entry), {
      logId: 'abcd',
      logIndex: 7n,
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: 9n,
      promise,
      proof: { logIndex: 3n, treeSize: 4n, rootHash: body, hashes: [body], checkpoint: 'x' },
      body,
    });
  });

  test('has zero values for what is left out', () => {
    assert.deepEqual(toLogEntry(least), { logId: 'abcd', logIndex: 0n, body });
    const empty = { ...least, integratedTime: 0n, inclusionPromise: {}, inclusionProof: {}, kindVersion: {} };
    assert.deepEqual(toLogEntry(empty), {
      logId: 'abcd',
      logIndex: 0n,
      body,
      kindVersion: { kind: '', version: '' },
      proof: { logIndex: 0n, treeSize: 0n, rootHash: new Uint8Array(), hashes: [], checkpoint: '' },
    });
  });

  for (const [name, entry] of [
    ['without a log', { canonicalizedBody: body }],
    ['with a log that has no id', { ...least, logId: {} }],
    ['without a body', { logId: { keyId } }],
    ['with an empty body', { ...least, canonicalizedBody: Buffer.alloc(0) }],
  ] as const) {
    test(`is refused ${name}`, () => assert.throws(() => toLogEntry(entry), { code: 'BUNDLE_MALFORMED' }));
  }
});
