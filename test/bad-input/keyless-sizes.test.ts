// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { implicit, octetString, sequence } from '../../src/certificate/der.ts';
import { childrenOf, readDer } from '../../src/certificate/read-der.ts';
import type { Code } from '../../src/errors.ts';
import { alternativeNames } from '../../src/testing/sigstore/identity.ts';
import { extension } from '../../src/testing/sigstore/x509.ts';
import { countCrypto } from '../support/crypto-counter.ts';
import {
  base64,
  bundle,
  certificate,
  entryOf,
  IDENTITY,
  type Json,
  longText,
  nested,
  verify,
} from '../support/hostile-keyless.ts';

const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';
const named = (count: number) =>
  certificate(IDENTITY, {
    defects: ['noSan'],
    extensions: [alternativeNames(Array.from({ length: count }, (_, at) => `https://x.example/${at}`))],
  });
/** An identifier that goes on and on, in place of one that is known. */
const hugeOid = (bytes: number) =>
  sequence(
    implicit(0, Buffer.alloc(0)),
    sequence(
      Buffer.concat([
        Buffer.of(0x06, 0x82, bytes >> 8, bytes & 0xff),
        Buffer.alloc(bytes - 1, 0xff),
        Buffer.of(0x7f),
      ]),
    ),
  );
const withCertificate = (der: Uint8Array) => (json: Json) => {
  json.verificationMaterial.certificate.rawBytes = base64(der);
};
const withTimestamps =
  (...tokens: readonly Uint8Array[]) =>
  (json: Json) => {
    json.verificationMaterial.timestampVerificationData.rfc3161Timestamps = tokens.map((token) => ({
      signedTimestamp: base64(token),
    }));
  };
const withCheckpoint = (change: (text: string) => string) => (json: Json) => {
  const { checkpoint } = entryOf(json).inclusionProof;
  checkpoint.envelope = change(checkpoint.envelope);
};
const withEntries = (count: number) => (json: Json) => {
  const entry = entryOf(json);
  json.verificationMaterial.tlogEntries = Array.from({ length: count }, (_, at) => ({
    ...entry,
    logIndex: `${at}`,
  }));
};
const withBody = (body: string) => (json: Json) => {
  entryOf(json).canonicalizedBody = Buffer.from(body).toString('base64');
};

const REFUSED: Readonly<Record<string, readonly [Code, () => Uint8Array]>> = {
  '33 timestamps': [
    'BUNDLE_MALFORMED',
    () => bundle(withTimestamps(...Array.from({ length: 33 }, (_, at) => Buffer.of(at)))),
  ],
  '33 log entries': ['BUNDLE_MALFORMED', () => bundle(withEntries(33))],
  '1,000 log entries': ['BUNDLE_MALFORMED', () => bundle(withEntries(1000))],
  '20 kB of nested DER as certificate': ['LIMIT_EXCEEDED', () => bundle(withCertificate(nested(20_000)))],
  '15 kB of nested DER as certificate': [
    'CERTIFICATE_MALFORMED',
    () => bundle(withCertificate(nested(15_000))),
  ],
  '20 kB of nested DER as timestamp': ['TIMESTAMP_MALFORMED', () => bundle(withTimestamps(nested(20_000)))],
  '40 kB of nested DER as timestamp': ['LIMIT_EXCEEDED', () => bundle(withTimestamps(nested(40_000)))],
  '12 kB of nested DER as promises of certificate logs': [
    'SCT_INVALID',
    () =>
      bundle(() => undefined, {
        leaf: { scts: 0, extensions: [extension(SCT_LIST, false, octetString(nested(12_000)))] },
      }),
  ],
  'a checkpoint name full of *': [
    'LOG_ENTRY_INVALID',
    () => bundle(withCheckpoint((text) => text.replace(/^.*/, '*'.repeat(4000)))),
  ],
  'names of signatures full of *': [
    'LOG_ENTRY_INVALID',
    () => bundle(withCheckpoint((text) => text.replace(/\u2014 \S+/, `\u2014 ${'*'.repeat(4000)}`))),
  ],
  'a checkpoint with 10,000 signatures': [
    'LIMIT_EXCEEDED',
    () => bundle(withCheckpoint((text) => text + '\u2014 a AAAAAAA=\n'.repeat(10_000))),
  ],
  'a checkpoint with 65 signatures': [
    'LIMIT_EXCEEDED',
    () => bundle(withCheckpoint((text) => text + '\u2014 a AAAAAAA=\n'.repeat(64))),
  ],
  'a proof of 65 hashes': [
    'BUNDLE_MALFORMED',
    () =>
      bundle((json: Json) => {
        entryOf(json).inclusionProof.hashes = Array.from({ length: 65 }, () => base64(Buffer.alloc(32)));
      }),
  ],
  'a body of nested JSON': [
    'LIMIT_EXCEEDED',
    () => bundle(withBody('['.repeat(30_000) + ']'.repeat(30_000))),
  ],
  'a body of 70 kB': ['LIMIT_EXCEEDED', () => bundle(withBody(JSON.stringify('x'.repeat(70_000))))],
  'a predicate of 10 MB': [
    'LIMIT_EXCEEDED',
    () =>
      bundle((json: Json) => {
        json.dsseEnvelope.payload = Buffer.from(
          JSON.stringify({ predicate: 'x'.repeat(10_000_000) }),
        ).toString('base64');
      }),
  ],
  'a bundle of nested JSON': [
    'LIMIT_EXCEEDED',
    () => Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  ],
  'a chain of 33 certificates': [
    'BUNDLE_MALFORMED',
    () =>
      bundle(
        (json: Json) => {
          const { certificates } = json.verificationMaterial.x509CertificateChain;
          json.verificationMaterial.x509CertificateChain.certificates = Array.from(
            { length: 33 },
            () => certificates[0],
          );
        },
        { version: '0.2' },
      ),
  ],
  'a certificate with 10,000 names': ['LIMIT_EXCEEDED', () => bundle(withCertificate(named(10_000)))],
  'a certificate with 65 names': ['LIMIT_EXCEEDED', () => bundle(withCertificate(named(65)))],
  'a certificate with a huge object identifier': [
    'CERTIFICATE_MALFORMED',
    () => bundle(withCertificate(certificate(IDENTITY, { extensions: [hugeExtension(8_000)] }))),
  ],
  'a certificate with 65 extensions': [
    'CERTIFICATE_MALFORMED',
    () =>
      bundle(
        withCertificate(
          certificate(IDENTITY, {
            extensions: Array.from({ length: 65 }, (_, at) =>
              extension(`1.3.9999.${at}`, false, Buffer.of(5, 0)),
            ),
          }),
        ),
      ),
  ],
  ...Object.fromEntries(
    (['uri', 'email', 'dns', 'otherName'] as const).map((kind) => [
      `a subject of 2 KiB and one byte, ${kind}`,
      [
        'LIMIT_EXCEEDED',
        () => bundle(withCertificate(certificate({ ...IDENTITY, subject: { kind, value: longText(1) } }))),
      ],
    ]),
  ),
  'an issuer of 2 KiB and one byte': [
    'LIMIT_EXCEEDED',
    () => bundle(withCertificate(certificate({ ...IDENTITY, issuer: longText(1) }))),
  ],
  'a claim of 2 KiB and one byte': [
    'LIMIT_EXCEEDED',
    () => bundle(withCertificate(certificate({ ...IDENTITY, claims: { runnerEnvironment: longText(1) } }))),
  ],
};

function hugeExtension(bytes: number): Buffer {
  const [, holder] = childrenOf(readDer(hugeOid(bytes)));
  const [id] = childrenOf(holder ?? assert.fail());
  return sequence(id?.whole ?? assert.fail(), octetString(Buffer.of(5, 0)));
}

suite('hostile sizes are refused by limits, and cost no more than a signature that holds', () => {
  const good = bundle(() => undefined);
  test('the bundle as it is', () => assert.equal(verify(good), 'VERIFIED'));

  for (const [name, [code, make]] of Object.entries(REFUSED)) {
    test(name, async () => {
      const bytes = make();
      const { verified, keys } = await countCrypto(() => assert.equal(verify(bytes), code));
      assert.ok(verified <= 8 && keys <= 4, `${verified} verifications, ${keys} keys`);
    });
  }
});
