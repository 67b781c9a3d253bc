// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LIMITS } from '../../../src/limits.ts';
import { makeStatement } from '../../../src/testing/bundle.ts';
import { createTestCa, createTestSigstore, type TestKey } from '../../../src/testing/index.ts';
import { demandCertificateOf } from '../../../src/verify/cosign/certificate.ts';
import { verifyAttestation } from '../../../src/verify/verify-attestation.ts';
import {
  expectCode,
  expectVerified,
  IMAGE,
  legacyCandidate,
  sharedKey,
  signerOf,
  trusted,
} from '../../support/verification.ts';

const { certificate, publicKey, privateKey } = createTestCa();
const key: TestKey = { ...sharedKey(), publicKey, privateKey };
const signer = signerOf([trusted(key)]);
const signed = (pem: string) =>
  legacyCandidate(key, { layerAnnotations: { 'dev.sigstore.cosign/certificate': pem } });

suite('a certificate beside a signature by a key', () => {
  test('for that key: verified', () => {
    expectVerified(signed(certificate), signer);
    expectVerified(signed(`\n${certificate}\n\n`), signer);
  });

  test('empty or white space: as none', () => {
    for (const blank of ['', ' ', '\n\t ']) expectVerified(signed(blank), signer);
  });

  test('for another key: refused', () => {
    const { message } = expectCode('CERTIFICATE_KEY_MISMATCH', signed(createTestCa().certificate), signer);
    assert.match(message, /another key/);
  });

  test('not to be read: refused', () => {
    for (const pem of ['x', certificate.slice(0, -60), key.publicKeyPem, '-----BEGIN CERTIFICATE-----']) {
      assert.match(
        expectCode('CERTIFICATE_KEY_MISMATCH', signed(pem), signer).message,
        /cannot|not a certificate/,
      );
    }
  });

  test('longer than any certificate: refused unread', () => {
    const long = certificate.padEnd(LIMITS.certificateBytes + 1);
    assert.throws(() => demandCertificateOf(publicKey, long), { code: 'CERTIFICATE_KEY_MISMATCH' });
    demandCertificateOf(publicKey, certificate.padEnd(LIMITS.certificateBytes));
  });

  test('a signature that does not hold is told first', () => {
    const other = signerOf([trusted(sharedKey())]);
    const { message } = expectCode('SIGNATURE_INVALID', signed(createTestCa().certificate), other);
    assert.match(message, /^not a signature .*; it came with a certificate, so it may be keyless: /);
    assert.doesNotMatch(expectCode('SIGNATURE_INVALID', signed(' '), other).message, /certificate/);
  });

  test('an attestation by a certificate says so to who wants a key', () => {
    const other = signerOf([trusted(sharedKey())]);
    const sigstore = createTestSigstore();
    const statement = makeStatement({ digest: IMAGE.digest, predicateType: 'https://acme.example/scan' });
    const identity = { issuer: 'https://i.example', subject: 'kim@acme.example' };
    const { payload, descriptor } = sigstore.signLegacyAttestation({ identity, statement });
    const { annotations } = descriptor;
    const candidate = { kind: 'envelope', id: 'x', storage: 'tag', payload, annotations } as const;
    const { outcome } = verifyAttestation(candidate, other, IMAGE, 0, { fingerprint: '', roots: new Map() });
    assert.equal(outcome.code, 'SIGNATURE_INVALID');
    assert.match(outcome.message, /; it came with a certificate, /);
  });

  test('the spelling that the prose specification has says nothing', () => {
    const layerAnnotations = { 'dev.cosignproject.cosign/certificate': 'x' };
    expectVerified(legacyCandidate(key, { layerAnnotations }), signer);
  });
});
