// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CODES, type Code } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { type Candidate, verifyCandidate } from '../../src/verify/index.ts';
import {
  bundleCandidate,
  bundleOf,
  expectCode,
  expectVerified,
  IMAGE,
  layerCandidate,
  legacyCandidate,
  NOW,
  sharedKey,
  signerOf,
  trusted,
} from '../support/verification.ts';

const key = sharedKey();
const signer = signerOf([trusted(key)]);

test('an outcome names its signer, its candidate and where that was found', () => {
  const {
    signer: name,
    candidate,
    storage,
    status,
    code,
    message,
  } = verifyCandidate(legacyCandidate(key), signer, IMAGE, NOW);
  assert.deepEqual(
    { name, candidate, storage, status, code },
    {
      name: 'release-key',
      candidate: 'sha256-12.sig#0',
      storage: 'tag',
      status: 'verified',
      code: 'VERIFIED',
    },
  );
  assert.ok(message.includes(key.fingerprint), message);
  assert.equal(verifyCandidate(bundleCandidate(key), signer, IMAGE, NOW).storage, 'referrer');
});

test('what discovery could not read keeps its code, and its status is the class of the code', () => {
  const status = (code: Code) => {
    const candidate: Candidate = { kind: 'unreadable', id: 'x', storage: 'tag', code, message: 'why' };
    const outcome = verifyCandidate(candidate, signer, IMAGE, NOW);
    assert.equal(outcome.code, code);
    assert.equal(outcome.message, 'why');
    assert.equal(outcome.evidence, undefined);
    return outcome.status;
  };
  assert.equal(status('BLOB_NOT_FOUND'), 'inconclusive');
  assert.equal(status('LIMIT_EXCEEDED'), 'inconclusive');
  assert.equal(status('PAYLOAD_MALFORMED'), 'rejected');
  for (const code of Object.keys(CODES) as Code[]) assert.notEqual(status(code), 'verified', code);
});

suite('a defect is inconclusive, never verified and never thrown', () => {
  const broken: Record<string, unknown> = {
    'a payload that is none': {
      kind: 'simple-signing',
      id: 'x',
      storage: 'tag',
      payload: null,
      annotations: {},
    },
    'annotations that are none': { ...legacyCandidate(key), annotations: null },
    'a bundle without bytes': { kind: 'bundle', id: 'x', storage: 'tag' },
    'a kind that nobody knows': { kind: 'notation', id: 'x', storage: 'tag' },
  };
  for (const [what, candidate] of Object.entries(broken)) {
    test(what, () => {
      const outcome = expectCode('INTERNAL_ERROR', candidate as Candidate, signer);
      assert.equal(outcome.status, 'inconclusive');
    });
  }

  test('a signer whose key is no key', () => {
    const key = { key: {}, fingerprint: 'sha256:00', source: 'x' } as never;
    assert.equal(
      expectCode('ALGORITHM_UNSUPPORTED', legacyCandidate(sharedKey()), signerOf([key])).status,
      'rejected',
    );
    expectCode('INTERNAL_ERROR', legacyCandidate(sharedKey()), { ...signer, keys: undefined } as never);
  });
});

test('past a limit the answer is inconclusive', () => {
  const long = {
    payload: Buffer.alloc(LIMITS.payloadBytes + 1, ' '),
    bundle: Buffer.alloc(LIMITS.bundleBytes + 1, ' '),
  };
  assert.equal(expectCode('LIMIT_EXCEEDED', layerCandidate(long.payload, {}), signer).status, 'inconclusive');
  assert.equal(expectCode('LIMIT_EXCEEDED', bundleOf(long.bundle), signer).status, 'inconclusive');
});

test('one candidate serves several signers and images, each with its own outcome', () => {
  for (const candidate of [legacyCandidate(key), bundleCandidate(key)]) {
    expectVerified(candidate, signer);
    expectCode('SIGNATURE_INVALID', candidate, signerOf([trusted(sharedKey('ecdsa-p256', 'other'))]));
    const elsewhere = { ...IMAGE, digest: `sha256:${'0'.repeat(64)}` as const };
    expectCode('PAYLOAD_DIGEST_MISMATCH', candidate, signer, elsewhere);
    expectVerified(candidate, signer);
  }
});

test('what does not parse stays so', () => {
  const candidate = bundleOf('{');
  expectCode('BUNDLE_MALFORMED', candidate, signer);
  expectCode('BUNDLE_MALFORMED', candidate, signer);
});

test('a payload that layers share is read once', () => {
  const shared = legacyCandidate(key);
  const [one, other] = ['a', 'b'].map((id) => verifyCandidate({ ...shared, id }, signer, IMAGE, NOW));
  assert.ok(one?.evidence?.annotations);
  assert.equal(other?.evidence?.annotations, one.evidence.annotations);
});
