// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, verify, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  createTestKey,
  createTestSigstore,
  defectsFor,
  encodePae,
  githubIdentity,
  type KeylessLayer,
  makeLegacyPayload,
  SIMPLE_SIGNING_MEDIA_TYPE,
  type SigstoreDefect,
} from '../../../src/testing/index.ts';
import { verifyWithSigstoreJs } from '../../support/sigstore-oracle.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const sigstore = createTestSigstore({ now: NOW });
const root = sigstore.trustedRoot();
const identity = githubIdentity('acme/web');
const payload = makeLegacyPayload({ digest: `sha256:${'a'.repeat(64)}`, dockerReference: 'r.test/acme/web' });
const statement = {
  _type: 'https://in-toto.io/Statement/v0.1',
  predicateType: 'https://slsa.dev/provenance/v1',
};
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** What the annotations say, as a bundle v0.1: Sigstore's JavaScript verifier reads no legacy layers. */
function asBundle({ payload: blob, descriptor: { annotations } }: KeylessLayer): Buffer {
  const { SignedEntryTimestamp: promise, Payload: entry } = JSON.parse(
    annotations['dev.sigstore.cosign/bundle'] ?? '{}',
  );
  const { kind, apiVersion: version } = JSON.parse(Buffer.from(entry.body, 'base64').toString());
  const stamp = annotations['dev.sigstore.cosign/rfc3161timestamp'];
  const signature = annotations['dev.cosignproject.cosign/signature'];
  const digest = createHash('sha256').update(blob).digest('base64');
  const leaf = new X509Certificate(annotations['dev.sigstore.cosign/certificate'] ?? '');
  return Buffer.from(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
      verificationMaterial: {
        x509CertificateChain: { certificates: [{ rawBytes: base64(leaf.raw) }] },
        tlogEntries: [
          {
            logIndex: String(entry.logIndex),
            logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
            kindVersion: { kind, version },
            integratedTime: String(entry.integratedTime),
            inclusionPromise: { signedEntryTimestamp: promise },
            canonicalizedBody: entry.body,
          },
        ],
        ...(stamp && {
          timestampVerificationData: {
            rfc3161Timestamps: [{ signedTimestamp: JSON.parse(stamp).SignedRFC3161Timestamp }],
          },
        }),
      },
      ...(signature
        ? { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest }, signature } }
        : { dsseEnvelope: JSON.parse(Buffer.from(blob).toString()) }),
    }),
  );
}

test('a keyless legacy signature carries all of it in annotations', () => {
  const layer = sigstore.signLegacyLayer({ identity, payload, timestamps: 1 });
  assert.deepEqual(Object.keys(layer.descriptor.annotations), [
    'dev.cosignproject.cosign/signature',
    'dev.sigstore.cosign/bundle',
    'dev.sigstore.cosign/certificate',
    'dev.sigstore.cosign/chain',
    'dev.sigstore.cosign/rfc3161timestamp',
  ]);
  assert.equal(layer.descriptor.mediaType, SIMPLE_SIGNING_MEDIA_TYPE);
  assert.deepEqual(layer.payload, payload);
  verifyWithSigstoreJs(root, asBundle(layer), { artifact: payload, timestamps: 2 });
});

test('an attestation layer verifies, and its entry is about the very bytes of the layer', () => {
  for (const entry of ['dsse 0.0.1', 'intoto 0.0.1'] as const) {
    const layer = sigstore.signLegacyAttestation({ identity, statement, entry });
    assert.equal(layer.descriptor.annotations['predicateType'], statement.predicateType);
    assert.equal(layer.descriptor.annotations['dev.cosignproject.cosign/signature'], '');
    const { Payload } = JSON.parse(layer.descriptor.annotations['dev.sigstore.cosign/bundle'] ?? '');
    const { kind, apiVersion, spec } = JSON.parse(Buffer.from(Payload.body, 'base64').toString());
    assert.equal(`${kind} ${apiVersion}`, entry);
    const { value } = spec.envelopeHash ?? spec.content.hash;
    assert.equal(value, createHash('sha256').update(layer.payload).digest('hex'));
    if (entry === 'dsse 0.0.1') verifyWithSigstoreJs(root, asBundle(layer));
  }
});

test('a timestamp of an attestation can be over the whole envelope', () => {
  const stamped = (order: 'signature' | 'envelope') =>
    asBundle(sigstore.signLegacyAttestation({ identity, statement, timestamps: 1, stamped: order }));
  verifyWithSigstoreJs(root, stamped('signature'));
  assert.throws(() => verifyWithSigstoreJs(root, stamped('envelope')), /timestamp/);
});

test('a key signs layers without certificate and, unless ordered, without log', () => {
  const key = createTestKey();
  const layer = sigstore.signLegacyAttestation({ key, statement });
  assert.deepEqual(Object.keys(layer.descriptor.annotations), [
    'dev.cosignproject.cosign/signature',
    'predicateType',
  ]);
  const { payload: body, payloadType, signatures } = JSON.parse(Buffer.from(layer.payload).toString());
  const pae = encodePae(payloadType, Buffer.from(body, 'base64'));
  assert.ok(verify('sha256', pae, key.publicKey, Buffer.from(signatures[0].sig, 'base64')));
  assert.throws(() => sigstore.signLegacyLayer({ key, payload, log: 'v2' }), /Rekor v2/);
});

/** As for bundles; and without an entry there is nothing that could be made a bundle. */
const UNSEEN: ReadonlySet<SigstoreDefect> = new Set([
  'wrongEku',
  'noEku',
  'caLeaf',
  'wrongKeyUsage',
  'twoSans',
  'noSan',
  'unknownCriticalExtension',
  'entryForOtherCertificate',
  'timestampRefused',
]);

describe("Sigstore's own verifier rejects the legacy layer with", () => {
  for (const defect of defectsFor({ log: 'v1', timestamps: 1, legacy: true })) {
    test(defect, () => {
      const order = { identity, timestamps: 1, defects: [defect] };
      const layers = [
        sigstore.signLegacyLayer({ ...order, payload }),
        sigstore.signLegacyAttestation({ ...order, statement }),
      ];
      for (const layer of layers) {
        const check = () =>
          verifyWithSigstoreJs(root, asBundle(layer), { artifact: layer.payload, timestamps: 2 });
        if (UNSEEN.has(defect)) check();
        else assert.throws(check);
      }
    });
  }
});
