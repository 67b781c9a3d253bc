// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bundleCandidate,
  expectCode,
  expectVerified,
  legacyCandidate,
  NOW,
  sharedKey,
  signerOf,
  trusted,
} from '../support/verification.ts';

const key = sharedKey();
const other = sharedKey('ecdsa-p256', 'other');
const rsa = sharedKey('rsa-2048');
const candidates = { legacy: legacyCandidate(key), bundle: bundleCandidate(key) };

for (const [format, candidate] of Object.entries(candidates)) {
  test(`${format}: any key of the signer may have signed, and the evidence names that one`, () => {
    const evidence = expectVerified(candidate, signerOf([trusted(rsa), trusted(other), trusted(key)]));
    assert.equal(evidence.keyFingerprint, key.fingerprint);
    assert.equal(evidence.identity, `key:${key.fingerprint}`);
  });

  test(`${format}: other keys are not enough`, () => {
    const { message } = expectCode('SIGNATURE_INVALID', candidate, signerOf([trusted(rsa), trusted(other)]));
    assert.match(message, /release-key/);
    assert.match(message, /cosign\.pub \(sha256:[0-9a-f]{16}…/);
  });

  test(`${format}: a signer without keys verifies nothing`, () => {
    expectCode('ALGORITHM_UNSUPPORTED', candidate, signerOf([]));
  });

  test(`${format}: a key past its window is expired, before it is not yet valid`, () => {
    const at = (window: object) => signerOf([trusted(key, window)]);
    expectCode('KEY_EXPIRED', candidate, at({ notAfter: NOW - 1 }));
    expectCode('KEY_NOT_YET_VALID', candidate, at({ notBefore: NOW + 1 }));
    expectVerified(candidate, at({ notBefore: NOW, notAfter: NOW }));
    expectCode('KEY_EXPIRED', candidate, at({ notBefore: NOW - 2, notAfter: NOW - 1 }));
    expectCode('KEY_NOT_YET_VALID', candidate, at({ notBefore: NOW + 1, notAfter: NOW + 2 }));
  });

  test(`${format}: the window is told only of a key that did sign`, () => {
    expectCode('SIGNATURE_INVALID', candidate, signerOf([trusted(other, { notAfter: NOW - 1 })]));
  });

  test(`${format}: the same key within another window wins, in either order`, () => {
    const over = trusted(key, { notAfter: NOW - 1 });
    expectVerified(candidate, signerOf([over, trusted(key)]));
    expectVerified(candidate, signerOf([trusted(key), over]));
  });

  test(`${format}: a clock that is not a number verifies nothing`, () => {
    const outcome = expectCode('INTERNAL_ERROR', candidate, signerOf([trusted(key)]), undefined, Number.NaN);
    assert.equal(outcome.status, 'inconclusive');
  });
}

test('the window is named with its date', () => {
  const { message } = expectCode(
    'KEY_EXPIRED',
    candidates.legacy,
    signerOf([trusted(key, { notAfter: Date.UTC(2026, 0, 31) })]),
  );
  assert.match(message, /trusted until 2026-01-31T00:00:00\.000Z/);
});
