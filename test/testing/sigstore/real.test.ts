// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { encodePae } from '../../../src/testing/index.ts';
import { noteKeyId } from '../../../src/testing/sigstore/checkpoint.ts';
import { type EntryKind, makeEntryBody } from '../../../src/testing/sigstore/entry-body.ts';
import { skipWithoutVectors, vectorsPath } from '../../support/vectors.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const read = (...path: string[]) => JSON.parse(readFileSync(vectorsPath(...path), 'utf8'));
const decode = (text: string) => Buffer.from(text, 'base64');

/** What a real certificate says of its key: all that bodies want of one. */
function keyOf(certificate: Buffer) {
  const { publicKey } = new X509Certificate(certificate);
  return { kind: 'ecdsa-p256', publicKey, publicKeyPem: '' } as const;
}

function envelopeOf(payload: Buffer, payloadType: string, json: Buffer = Buffer.alloc(0)) {
  return { digest: sha256(encodePae(payloadType, payload)), envelope: { payload, payloadType, json } };
}

describe('the body of an entry is byte for byte that of the real log', { skip: skipWithoutVectors }, () => {
  test('hashedrekord 0.0.2 of a DSSE envelope', () => {
    const { verificationMaterial: material, dsseEnvelope } = read(
      'local-sigstore',
      'github-keyless-sct.bundle.json',
    );
    const certificate = decode(material.certificate.rawBytes);
    const [{ sig }] = dsseEnvelope.signatures;
    const { digest, envelope } = envelopeOf(decode(dsseEnvelope.payload), dsseEnvelope.payloadType);
    const content = { signature: decode(sig), hash: 'sha256', digest, envelope } as const;
    const body = makeEntryBody('hashedrekord 0.0.2', content, { key: keyOf(certificate), certificate });
    assert.equal(body.toString(), decode(material.tlogEntries[0].canonicalizedBody).toString());
  });

  test('hashedrekord 0.0.1 of a message', () => {
    const { verificationMaterial: material, messageSignature } = read(
      'conformance',
      'happy-path-v0.3',
      bundleIn('happy-path-v0.3'),
    );
    const certificate = decode(material.certificate.rawBytes);
    const digest = decode(messageSignature.messageDigest.digest);
    const content = { signature: decode(messageSignature.signature), hash: 'sha256', digest } as const;
    const body = makeEntryBody('hashedrekord 0.0.1', content, { key: keyOf(certificate), certificate });
    assert.equal(body.toString(), decode(material.tlogEntries[0].canonicalizedBody).toString());
  });

  for (const version of ['v1.4.0', 'v1.8.0', 'v1.10.0']) {
    test(`the entry of a legacy attestation, ${version}`, () => {
      const { blob, annotations } = attestationOf(version);
      const { payload, payloadType, signatures } = JSON.parse(blob.toString());
      const certificate = Buffer.from(
        new X509Certificate(annotations['dev.sigstore.cosign/certificate'] ?? '').raw,
      );
      const real = decode(JSON.parse(annotations['dev.sigstore.cosign/bundle'] ?? '').Payload.body);
      const { kind, apiVersion } = JSON.parse(real.toString());
      const content = {
        signature: decode(signatures[0].sig),
        hash: 'sha256',
        ...envelopeOf(decode(payload), payloadType, blob),
      } as const;
      const body = makeEntryBody(`${kind} ${apiVersion}` as EntryKind, content, {
        key: keyOf(certificate),
        certificate,
      });
      assert.equal(body.toString(), real.toString());
    });
  }

  test('intoto 0.0.2 but for the hash of an envelope that nobody has any more', () => {
    const { verificationMaterial: material, dsseEnvelope } = read(
      'bundles-sigstore-js',
      'bundleV02-intoto.sigstore',
    );
    const certificate = decode(material.x509CertificateChain.certificates[0].rawBytes);
    const [{ sig }] = dsseEnvelope.signatures;
    const signed = envelopeOf(decode(dsseEnvelope.payload), dsseEnvelope.payloadType);
    const content = { signature: decode(sig), hash: 'sha256', ...signed } as const;
    const made = JSON.parse(
      makeEntryBody('intoto 0.0.2', content, { key: keyOf(certificate), certificate }).toString(),
    );
    const real = JSON.parse(decode(material.tlogEntries[0].canonicalizedBody).toString());
    made.spec.content.hash = real.spec.content.hash;
    // This client uploaded the PEM without its last line end.
    const [signature] = made.spec.content.envelope.signatures;
    signature.publicKey = Buffer.from(decode(signature.publicKey).toString().trimEnd()).toString('base64');
    assert.deepEqual(made, real);
  });
});

test('the id of a Rekor v2 log is that of the real one', { skip: skipWithoutVectors }, () => {
  const [log] = read('local-sigstore', 'trusted-root.json').tlogs;
  const publicKey = createPublicKey({ key: decode(log.publicKey.rawBytes), format: 'der', type: 'spki' });
  assert.equal(noteKeyId('127.0.0.1', { kind: 'ed25519', publicKey }).toString('base64'), log.logId.keyId);
});

function bundleIn(name: string): string {
  return readdirSync(vectorsPath('conformance', name)).find((file) => file.startsWith('bundle')) ?? '';
}

/** The layer of the attestation manifest in an OCI layout, with its annotations. */
function attestationOf(version: string): { blob: Buffer; annotations: Record<string, string> } {
  const { manifests } = read('slsa-layouts', version, 'index.json');
  const blobOf = (digest: string) =>
    readFileSync(vectorsPath('slsa-layouts', version, 'blobs', ...digest.split(':')));
  const listed = manifests.find(({ annotations }: { annotations: { kind: string } }) =>
    annotations.kind.endsWith('atts'),
  );
  const [layer] = JSON.parse(blobOf(listed.digest).toString()).layers;
  return { blob: blobOf(layer.digest), annotations: layer.annotations };
}
