// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { verifyTimestamp } from '../../../../src/verify/sigstore/timestamp/verify-timestamp.ts';
import { parseTrustRoot } from '../../../../src/verify/trust-root-json.ts';
import { skipWithoutVectors, vectorsPath } from '../../../support/vectors.ts';

const PUBLIC_GOOD = 'trust/targets/trusted_root.json';

function verify(bundle: string, trustRoot: string): string {
  const { verificationMaterial, messageSignature, dsseEnvelope } = JSON.parse(
    readFileSync(vectorsPath(bundle), 'utf8'),
  );
  const signature: string = messageSignature?.signature ?? dsseEnvelope.signatures[0].sig;
  const [{ signedTimestamp }] = verificationMaterial.timestampVerificationData.rfc3161Timestamps;
  const { timestampAuthorities } = parseTrustRoot('vectors', readFileSync(vectorsPath(trustRoot)));
  const signed = Buffer.from(signature, 'base64');
  const { time } = verifyTimestamp(Buffer.from(signedTimestamp, 'base64'), signed, timestampAuthorities);
  return new Date(time).toISOString();
}

const conformance = (name: string, trustRoot = `conformance/${name}/trusted_root.json`) =>
  [`conformance/${name}/bundle.sigstore.json`, trustRoot] as const;

describe('real timestamps', { skip: skipWithoutVectors }, () => {
  for (const [[bundle, trustRoot], time] of [
    [conformance('rekor2-happy-path'), '2025-06-12T12:02:20.000Z'],
    [conformance('rekor2-timestamp-with-embedded-cert'), '2025-08-06T18:51:36.000Z'],
    [conformance('bundle-with-sct-with-extensions'), '2026-01-15T22:49:26.000Z'],
    [conformance('managed-key-happy-path', PUBLIC_GOOD), '2025-12-18T17:04:39.000Z'],
    [conformance('intoto-with-custom-trust-root'), '2023-02-01T00:00:00.000Z'],
    [
      [
        'bundles-sigstore-go/bundles/public-key-validity.sigstore.json',
        'bundles-sigstore-go/trusted-roots/public-key-validity.json',
      ],
      '2026-06-04T17:43:29.000Z',
    ],
    [
      ['local-sigstore/github-keyless-sct.bundle.json', 'local-sigstore/trusted-root.json'],
      '2026-11-22T06:30:52.000Z',
    ],
  ] as const) {
    test(bundle, () => assert.equal(verify(bundle, trustRoot), time));
  }

  test('over another signature', () => {
    const [bundle, trustRoot] = conformance('rekor2-timestamp-payload-mismatch_fail');
    assert.throws(() => verify(bundle, trustRoot), { code: 'TIMESTAMP_INVALID', message: /something else/ });
  });

  test('by an authority of another world', () => {
    const [bundle] = conformance('rekor2-happy-path');
    assert.throws(() => verify(bundle, PUBLIC_GOOD), { code: 'TIMESTAMP_INVALID', message: /no timestamp/ });
  });
});
