// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { ed25519ph } from '@noble/curves/ed25519.js';
import { createTestKey, signWith, TEST_KEY_KINDS } from '../../src/testing/index.ts';

const bytes = Buffer.from('what is signed');

test('a key of each kind signs with its own hash unless told otherwise', () => {
  const hashes: Record<string, string | null> = {
    'ecdsa-p384': 'sha384',
    'ecdsa-p521': 'sha512',
    ed25519: null,
  };
  for (const kind of TEST_KEY_KINDS) {
    const key = createTestKey(kind);
    const hash = kind in hashes ? hashes[kind] : 'sha256';
    assert.ok(verify(hash, bytes, createPublicKey(key.publicKeyPem), signWith(key, bytes)), kind);
    const spki = key.publicKey.export({ type: 'spki', format: 'der' });
    assert.equal(key.fingerprint, `sha256:${createHash('sha256').update(spki).digest('hex')}`);
  }
});

test('every hash can be asked for', () => {
  for (const kind of ['ecdsa-p256', 'rsa-2048'] as const) {
    const key = createTestKey(kind);
    for (const hash of ['sha224', 'sha256', 'sha384', 'sha512'] as const) {
      const signature = signWith(key, bytes, { hash });
      assert.ok(verify(hash, bytes, key.publicKey, signature));
      assert.ok(!verify(hash === 'sha256' ? 'sha512' : 'sha256', bytes, key.publicKey, signature));
    }
  }
});

test('RSA signs with PSS where asked, else with PKCS#1', () => {
  const key = createTestKey('rsa-2048');
  const pss = { key: key.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING };
  assert.ok(verify('sha256', bytes, pss, signWith(key, bytes, { scheme: 'pss' })));
  assert.ok(!verify('sha256', bytes, pss, signWith(key, bytes)));
});

test('Ed25519 signs prehashed where asked', () => {
  const key = createTestKey('ed25519');
  const signature = signWith(key, bytes, { ed25519: 'ph' });
  const raw = Buffer.from(key.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  assert.ok(ed25519ph.verify(signature, bytes, raw));
  assert.ok(!verify(null, bytes, key.publicKey, signature));
});

test('two keys are two', () => {
  assert.notEqual(createTestKey().fingerprint, createTestKey().fingerprint);
});
