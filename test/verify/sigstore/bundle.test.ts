// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Code } from '../../../src/errors.ts';
import { LIMITS } from '../../../src/limits.ts';
import { bundleMediaType } from '../../../src/testing/index.ts';
import { parseBundle } from '../../../src/verify/sigstore/bundle.ts';

const parse = (value: unknown) =>
  parseBundle(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

const entry = {
  logIndex: '1',
  logId: { keyId: 'aGk=' },
  kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
  integratedTime: '1700000000',
  inclusionPromise: { signedEntryTimestamp: 'aGk=' },
  inclusionProof: {
    logIndex: '1',
    rootHash: 'aGk=',
    treeSize: '2',
    hashes: ['aGk='],
    checkpoint: { envelope: 'x' },
  },
  canonicalizedBody: 'aGk=',
};
const { inclusionPromise: _promise, ...unpromised } = entry;
const { inclusionProof: _proof, ...unproved } = entry;
const timestamps = (count: number) => ({
  rfc3161Timestamps: Array.from({ length: count }, (_, at) => ({
    signedTimestamp: Buffer.of(at).toString('base64'),
  })),
});
const entries = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ ...entry, logIndex: `${at}` }));

const publicKey = { hint: 'x' };
const dsseEnvelope = {
  payload: 'e30=',
  payloadType: 'application/vnd.in-toto+json',
  signatures: [{ sig: 'aGk=' }],
};
const messageSignature = { messageDigest: { algorithm: 'SHA2_256', digest: 'aGk=' }, signature: 'aGk=' };
const bundle = { mediaType: bundleMediaType('0.3'), verificationMaterial: { publicKey }, dsseEnvelope };
const withMaterial = (more: object, mediaType = bundle.mediaType) => ({
  ...bundle,
  mediaType,
  verificationMaterial: { publicKey, ...more },
});

suite('versions', () => {
  for (const version of ['0.1', '0.2', '0.3'] as const) {
    for (const spelling of ['dotted', 'parameter'] as const) {
      const mediaType = bundleMediaType(version, spelling);
      test(mediaType, () => {
        assert.equal(parse({ ...bundle, mediaType }).content.kind, 'dsse');
        assert.equal(parse(withMaterial({ tlogEntries: [entry] }, mediaType)).material, 'publicKey');
      });
    }
  }

  test('v0.1 asks for a promise, later ones for a proof with a checkpoint', () => {
    const v01 = bundleMediaType('0.1');
    const uncheckpointed = { ...entry, inclusionProof: { ...entry.inclusionProof, checkpoint: null } };
    parse(withMaterial({ tlogEntries: [unproved] }, v01));
    const [loose] = parse(withMaterial({ tlogEntries: [uncheckpointed] }, v01)).logEntries;
    assert.ok(loose && !('inclusionProof' in loose), 'a proof that nobody signed is not read');
    const [signed] = parse(withMaterial({ tlogEntries: [entry] }, v01)).logEntries;
    assert.ok(signed?.inclusionProof);
    for (const mediaType of [bundleMediaType('0.2'), bundleMediaType('0.3')]) {
      parse(withMaterial({ tlogEntries: [unpromised] }, mediaType));
      for (const tlogEntries of [[unproved], [uncheckpointed], [entry, { ...unproved, logIndex: '2' }]]) {
        assert.throws(() => parse(withMaterial({ tlogEntries }, mediaType)), { code: 'BUNDLE_MALFORMED' });
      }
    }
    assert.throws(() => parse(withMaterial({ tlogEntries: [unpromised] }, v01)), {
      code: 'BUNDLE_MALFORMED',
    });
  });
});

suite('read', () => {
  test('the names of the original fields, as protojson takes them', () => {
    const original = {
      media_type: bundle.mediaType,
      verification_material: { public_key: publicKey, tlog_entries: [entry] },
      dsse_envelope: { payload: 'e30=', payload_type: 'x', signatures: [{ sig: 'aGk=', keyid: 'k' }] },
    };
    assert.equal(parse(original).content.kind, 'dsse');
  });

  test('a message signature, with and without a hint of what it is over', () => {
    const { dsseEnvelope: _, ...rest } = bundle;
    const full = parse({ ...rest, messageSignature }).content;
    assert.ok(full.kind === 'message' && full.digest?.algorithm === 'SHA2_256');
    const bare = parse({ ...rest, messageSignature: { signature: 'aGk=' } }).content;
    assert.ok(bare.kind === 'message' && bare.digest === undefined);
  });

  test('other material than a key is told apart', () => {
    const certificate = { rawBytes: 'aGk=' };
    const verificationMaterial = { certificate };
    assert.equal(parse({ ...bundle, verificationMaterial }).material, 'certificate');
    const chain = { x509CertificateChain: { certificates: [certificate, certificate] } };
    const older = { ...bundle, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2' };
    assert.equal(parse({ ...older, verificationMaterial: chain }).certificates.length, 2);
    assert.throws(() => parse({ ...bundle, verificationMaterial: chain }), /one certificate, no chain/);
    const empty = { x509CertificateChain: { certificates: [] } };
    assert.throws(() => parse({ ...older, verificationMaterial: empty }), /chain is empty/);
  });

  test('zero values that are left out, null for absent, an empty hint', () => {
    const { logIndex: _, ...first } = entry;
    parse(withMaterial({ tlogEntries: [first], timestampVerificationData: null, certificate: null }));
    parse({ ...bundle, messageSignature: null, verificationMaterial: { publicKey: {} } });
  });

  test('as many entries and timestamps as the limits allow', () => {
    parse(
      withMaterial({
        tlogEntries: entries(LIMITS.tlogEntries),
        timestampVerificationData: timestamps(LIMITS.timestamps),
      }),
    );
  });
});

const envelope = (more: object) => ({ ...bundle, dsseEnvelope: { ...dsseEnvelope, ...more } });
const message = (more: object) => ({
  ...bundle,
  dsseEnvelope: null,
  messageSignature: { ...messageSignature, ...more },
});

const refused: Record<string, [Code, unknown]> = {
  empty: ['BUNDLE_MALFORMED', ''],
  HTML: ['BUNDLE_MALFORMED', '<!doctype html>'],
  null: ['BUNDLE_MALFORMED', 'null'],
  'a list': ['BUNDLE_MALFORMED', [bundle]],
  'cut short': ['BUNDLE_MALFORMED', JSON.stringify(bundle).slice(0, -1)],
  'two documents': ['BUNDLE_MALFORMED', JSON.stringify(bundle).repeat(2)],
  'no media type': ['BUNDLE_MALFORMED', { ...bundle, mediaType: undefined }],
  'a media type that is a number': ['BUNDLE_MALFORMED', { ...bundle, mediaType: 3 }],
  'both names of the media type': ['BUNDLE_MALFORMED', { ...bundle, media_type: bundle.mediaType }],
  'version 0.4': [
    'BUNDLE_VERSION_UNSUPPORTED',
    { ...bundle, mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json' },
  ],
  'version 0.4 with fields of its own': [
    'BUNDLE_VERSION_UNSUPPORTED',
    { mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json', novelty: {} },
  ],
  'version 99.9': [
    'BUNDLE_VERSION_UNSUPPORTED',
    { ...bundle, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=99.9' },
  ],
  'version 0.30': [
    'BUNDLE_VERSION_UNSUPPORTED',
    { ...bundle, mediaType: `${bundleMediaType('0.3', 'parameter')}0` },
  ],
  'an image manifest': [
    'BUNDLE_VERSION_UNSUPPORTED',
    { mediaType: 'application/vnd.oci.image.manifest.v1+json' },
  ],
  'an empty media type': ['BUNDLE_VERSION_UNSUPPORTED', { ...bundle, mediaType: '' }],
  'an unknown field': ['BUNDLE_MALFORMED', { ...bundle, more: 1 }],
  'an unknown field deep inside': [
    'BUNDLE_MALFORMED',
    withMaterial({ tlogEntries: [{ ...entry, more: 1 }] }),
  ],
  'a field twice': ['BUNDLE_MALFORMED', JSON.stringify(bundle).replace('{', `{"dsseEnvelope":null,`)],
  'no material': ['BUNDLE_MALFORMED', { ...bundle, verificationMaterial: undefined }],
  'empty material': ['BUNDLE_MALFORMED', { ...bundle, verificationMaterial: {} }],
  'key and certificate': ['BUNDLE_MALFORMED', withMaterial({ certificate: { rawBytes: 'aGk=' } })],
  'key and chain': ['BUNDLE_MALFORMED', withMaterial({ x509CertificateChain: { certificates: [] } })],
  'no content': ['BUNDLE_MALFORMED', { ...bundle, dsseEnvelope: undefined }],
  'envelope and message': ['BUNDLE_MALFORMED', { ...bundle, messageSignature }],
  'two signatures': ['BUNDLE_MALFORMED', envelope({ signatures: [{ sig: 'aGk=' }, { sig: 'aGk=' }] })],
  'no signatures': ['BUNDLE_MALFORMED', envelope({ signatures: [] })],
  'signatures left out': ['BUNDLE_MALFORMED', envelope({ signatures: undefined })],
  'a signature that is null': ['BUNDLE_MALFORMED', envelope({ signatures: [null] })],
  'an empty payload': ['BUNDLE_MALFORMED', envelope({ payload: '' })],
  'a payload that is not base64': ['BUNDLE_MALFORMED', envelope({ payload: '{}' })],
  'an empty signature': ['SIGNATURE_MALFORMED', envelope({ signatures: [{ sig: '' }] })],
  'a signature left out': ['SIGNATURE_MALFORMED', envelope({ signatures: [{ keyid: 'x' }] })],
  'a signature that is not base64': ['SIGNATURE_MALFORMED', envelope({ signatures: [{ sig: 'aGk' }] })],
  'a signature too long': [
    'SIGNATURE_MALFORMED',
    envelope({ signatures: [{ sig: Buffer.alloc(LIMITS.signatureBytes + 1).toString('base64') }] }),
  ],
  'a message without signature': ['SIGNATURE_MALFORMED', message({ signature: '' })],
  'a message signature that is not base64': ['SIGNATURE_MALFORMED', message({ signature: '*' })],
  'a hash that nobody knows': [
    'BUNDLE_MALFORMED',
    message({ messageDigest: { algorithm: 'MD5', digest: '' } }),
  ],
  'a log entry without its kind': [
    'BUNDLE_MALFORMED',
    withMaterial({ tlogEntries: [{ ...entry, kindVersion: undefined }] }),
  ],
  'a timestamp twice': [
    'BUNDLE_MALFORMED',
    withMaterial({
      timestampVerificationData: {
        rfc3161Timestamps: [...timestamps(2).rfc3161Timestamps, { signedTimestamp: 'AA==' }],
      },
    }),
  ],
  'a log entry twice': ['BUNDLE_MALFORMED', withMaterial({ tlogEntries: [entry, entry] })],
  'a log entry twice, its index in two forms': [
    'BUNDLE_MALFORMED',
    withMaterial({ tlogEntries: [entry, { ...entry, logIndex: 1 }] }),
  ],
  'a log entry too many': [
    'BUNDLE_MALFORMED',
    withMaterial({ tlogEntries: entries(LIMITS.tlogEntries + 1) }),
  ],
  'a timestamp too many': [
    'BUNDLE_MALFORMED',
    withMaterial({ timestampVerificationData: timestamps(LIMITS.timestamps + 1) }),
  ],
  'an inclusion proof longer than any tree is high': [
    'BUNDLE_MALFORMED',
    withMaterial({
      tlogEntries: [
        {
          ...entry,
          inclusionProof: { ...entry.inclusionProof, hashes: Array(LIMITS.inclusionPath + 1).fill('aGk=') },
        },
      ],
    }),
  ],
  'a certificate too many': [
    'BUNDLE_MALFORMED',
    {
      ...bundle,
      verificationMaterial: {
        x509CertificateChain: {
          certificates: Array(LIMITS.bundleCertificates + 1).fill({ rawBytes: 'aGk=' }),
        },
      },
    },
  ],
  'one byte too many': ['LIMIT_EXCEEDED', JSON.stringify(bundle).padEnd(LIMITS.bundleBytes + 1)],
};

suite('refused', () => {
  for (const [what, [code, value]] of Object.entries(refused)) {
    test(`${what}: ${code}`, () => {
      assert.throws(() => parse(value), { name: 'VerificationError', code });
    });
  }
});
