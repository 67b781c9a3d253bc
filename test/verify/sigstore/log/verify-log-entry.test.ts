// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { verifyLogEntry } from '../../../../src/verify/sigstore/log/verify-log-entry.ts';
import type { LogEntry } from '../../../../src/verify/sigstore/log-entry.ts';
import type { TrustedLog } from '../../../../src/verify/trust-root.ts';
import { aMessage, bodyV2Of, byCertificate, recordOf } from '../../../support/logged-content.ts';
import { createTestLog, LOGGED_AT, type TestLog } from '../../../support/test-log.ts';

const invalid = { code: 'LOG_ENTRY_INVALID' };
const mismatch = { code: 'LOG_ENTRY_MISMATCH' };

const verifier = byCertificate();
const content = aMessage(verifier);
const bodyV1 = Buffer.from(
  JSON.stringify({ apiVersion: '0.0.1', kind: 'hashedrekord', spec: recordOf(content) }),
);
const bodyV2 = Buffer.from(bodyV2Of(content, 'PKIX_ECDSA_P256_SHA_256', 'sha256'));

const v1 = createTestLog(1);
const v2 = createTestLog(2);
const [entryV1, entryV2] = [v1.entryOf(bodyV1), v2.entryOf(bodyV2)];
const { promise: _promise, ...unpromised } = entryV1;
const { proof: _proof, ...unproved } = entryV1;
const { integratedTime: _time, ...untimed } = unpromised;
const verify = (entry: LogEntry, logs: readonly TrustedLog[] = [v2.trusted, v1.trusted]) =>
  verifyLogEntry(entry, content, logs);

/** The entry with another proof, or parts of it. */
function withProof(entry: LogEntry, more: Partial<LogEntry['proof']>): LogEntry {
  assert.ok(entry.proof);
  return { ...entry, proof: { ...entry.proof, ...more } };
}

/** As the log would sign it with another origin. */
function withOrigin(log: TestLog, entry: LogEntry, origin: string, name = origin): LogEntry {
  const text = log.checkpointText(11, entry.proof?.rootHash ?? Buffer.alloc(0), origin);
  return withProof(entry, { checkpoint: log.checkpoint(text, log.signatureLine(text, name)) });
}

suite('an entry of Rekor v1', () => {
  const { window, id } = v1.trusted;

  test('holds with promise and proof, and has the time of the promise', () => {
    const time = Number(LOGGED_AT) * 1000;
    assert.deepEqual(verify(entryV1), { logId: id, logIndex: 1005n, time, window });
    assert.deepEqual(verify(unproved), { logId: id, logIndex: 1005n, time, window });
  });

  test('has no time without a promise, whatever it says of it', () => {
    assert.deepEqual(verify(unpromised), { logId: id, logIndex: 1005n, window });
    assert.deepEqual(verify(untimed), { logId: id, logIndex: 1005n, window });
  });

  test('of a log that nobody knows shows nothing', () => {
    assert.equal(verify(entryV1, []), undefined);
    assert.equal(verify(entryV1, [v2.trusted]), undefined);
    assert.equal(verify({ ...entryV1, logId: id.toUpperCase() }), undefined);
  });

  for (const [name, entry] of [
    ['neither promise nor proof', { logId: id, logIndex: 1005n, integratedTime: LOGGED_AT, body: bodyV1 }],
    ['a bad promise beside a good proof', { ...entryV1, promise: v1.promise(bodyV1, 1006n) }],
    ['an empty promise beside a good proof', { ...entryV1, promise: Buffer.alloc(0) }],
    ['a bad proof beside a good promise', withProof(entryV1, { logIndex: 6n })],
    ['another time', { ...entryV1, integratedTime: LOGGED_AT + 1n }],
    ['another index', { ...entryV1, logIndex: 1006n }],
    ['another size', withProof(entryV1, { treeSize: 12n })],
    ['another root', withProof(entryV1, { rootHash: Buffer.alloc(32) })],
    ['no checkpoint', withProof(entryV1, { checkpoint: '' })],
    [
      'the checkpoint of another log',
      withProof(entryV1, { checkpoint: createTestLog(1).prove(bodyV1).checkpoint }),
    ],
    ['the promise of another log', { ...entryV1, promise: createTestLog(1).promise(bodyV1, 1005n) }],
  ] as const) {
    test(`is refused with ${name}`, () => assert.throws(() => verify(entry), invalid));
  }

  test('is refused when the key of the log was not trusted at the time; both ends still are', () => {
    const at = Number(LOGGED_AT) * 1000;
    const during = (from: number, until: number) => [{ ...v1.trusted, window: { from, until } }];
    for (const entry of [entryV1, unproved, unpromised]) {
      assert.ok(verify(entry, during(at, at)));
      assert.throws(() => verify(entry, during(at + 1, at + 9)), invalid);
      assert.throws(() => verify(entry, during(at - 9, at - 1)), invalid);
      assert.ok(verify(entry, [...during(at + 1, at + 9), ...during(at, at)]), 'two windows of one key');
    }
  });

  test('is refused with a time that no calendar has, though the log signed it and its key is always trusted', () => {
    const always = [{ ...v1.trusted, window: { from: -Infinity, until: Infinity } }];
    for (const integratedTime of [253_402_300_800n, 2n ** 62n, -1n]) {
      const promise = v1.promise(bodyV1, 1005n, integratedTime);
      assert.throws(() => verify({ ...entryV1, integratedTime, promise }, always), invalid);
    }
    const integratedTime = 253_402_300_799n;
    const promise = v1.promise(bodyV1, 1005n, integratedTime);
    assert.ok(verify({ ...entryV1, integratedTime, promise }, always));
  });

  test('is refused when it is about something else', () => {
    for (const [name, other] of [
      ['signature', { ...content, signature: Buffer.from('other') }],
      ['certificate', { ...content, verifier: byCertificate() }],
      ['digest', { ...content, digest: () => Buffer.alloc(32) }],
    ] as const) {
      assert.throws(() => verifyLogEntry(entryV1, other, [v1.trusted]), mismatch, name);
      assert.throws(() => verifyLogEntry(entryV2, other, [v2.trusted]), mismatch, name);
    }
    assert.throws(() => verify({ ...entryV1, kindVersion: { kind: 'dsse', version: '0.0.1' } }), mismatch);
    assert.ok(verify({ ...entryV1, kindVersion: { kind: 'hashedrekord', version: '0.0.1' } }));
  });

  test('has a kind of Rekor v1, with or without a proof', () => {
    const entry = v1.entryOf(bodyV2);
    const { proof: _, ...promised } = entry;
    assert.throws(() => verify(entry), mismatch);
    assert.throws(() => verify(promised), mismatch);
  });
});

suite('an entry of a kind of Rekor v1 in a log with the checkpoints of v2, whose id does not show its version', () => {
  const log = createTestLog(2, 'ec');
  const entry = log.entryOf(bodyV1);
  const { window, id } = log.trusted;
  const verifyHere = (one: LogEntry) => verify(one, [log.trusted]);

  test('holds with a proof, and has no time, whatever it says of it', () => {
    assert.deepEqual(verifyHere(entry), { logId: id, logIndex: 5n, window });
    assert.deepEqual(verifyHere({ ...entry, integratedTime: LOGGED_AT }), {
      logId: id,
      logIndex: 5n,
      window,
    });
  });

  for (const [name, other] of [
    ['a promise', { ...entry, integratedTime: LOGGED_AT, promise: log.promise(bodyV1, 5n) }],
    ['another index than its proof', { ...entry, logIndex: 6n }],
    ['another index in its proof', withProof(entry, { logIndex: 6n })],
    ['another root', withProof(entry, { rootHash: Buffer.alloc(32) })],
    ['the checkpoint of another log', withProof(entry, createTestLog(2, 'ec').prove(bodyV1))],
    ['another origin', withOrigin(log, entry, 'other.test')],
    ['another name in the signature', withOrigin(log, entry, 'log.test', 'other.test')],
  ] as const) {
    test(`is refused with ${name}`, () => assert.throws(() => verifyHere(other), invalid));
  }

  test('is refused when it is about something else', () => {
    const other = { ...content, signature: Buffer.from('other') };
    assert.throws(() => verifyLogEntry(entry, other, [log.trusted]), mismatch);
  });

  test('has a tree of its own where it is the first one: no path', () => {
    const proof = log.prove(bodyV1, 0, 1);
    assert.deepEqual(proof.hashes, []);
    assert.deepEqual(verifyHere({ ...entry, logIndex: 0n, proof }), { logId: id, logIndex: 0n, window });
  });

  for (const kind of ['ed25519', 'rsa'] as const) {
    test(`is refused where the id is that of a signed note (${kind})`, () => {
      const known = createTestLog(2, kind);
      assert.throws(() => verify(known.entryOf(bodyV1), [known.trusted]), mismatch);
      assert.ok(verify(known.entryOf(bodyV2), [known.trusted]));
    });
  }
});

suite('an entry of Rekor v2', () => {
  const { window, id } = v2.trusted;

  test('holds with a proof, and never has a time', () => {
    const verified = { logId: id, logIndex: 5n, window };
    assert.deepEqual(verify(entryV2), verified);
    assert.deepEqual(verify({ ...entryV2, integratedTime: LOGGED_AT }), verified);
    assert.deepEqual(verify({ ...entryV2, integratedTime: 1n }), verified);
  });

  for (const [name, entry] of [
    ['a promise', { ...entryV2, promise: v2.promise(bodyV2, 5n) }],
    ['another index than its proof', { ...entryV2, logIndex: 6n }],
    ['another index in its proof', withProof(entryV2, { logIndex: 6n })],
    ['another index in both', { ...withProof(entryV2, { logIndex: 6n }), logIndex: 6n }],
    ['another size', withProof(entryV2, { treeSize: 12n })],
    ['another root', withProof(entryV2, { rootHash: Buffer.alloc(32) })],
    ['no path', withProof(entryV2, { hashes: [] })],
    ['the checkpoint of another log', withProof(entryV2, createTestLog(2).prove(bodyV2))],
    ['another origin', withOrigin(v2, entryV2, 'other.test')],
    ['neither promise nor proof', { logId: id, logIndex: 5n, body: bodyV2 }],
  ] as const) {
    test(`is refused with ${name}`, () => assert.throws(() => verify(entry), invalid));
  }

  for (const [name, entry] of [
    ['the checkpoint of a Rekor v1', withOrigin(v2, entryV2, 'log.test - 17', 'log.test')],
    [
      'a promise instead of a proof',
      { logId: id, logIndex: 5n, body: bodyV2, promise: v2.promise(bodyV2, 5n) },
    ],
    ['another kind in the bundle', { ...entryV2, kindVersion: { kind: 'dsse', version: '0.0.2' } }],
  ] as const) {
    test(`is refused with ${name}`, () => assert.throws(() => verify(entry), mismatch));
  }
});
