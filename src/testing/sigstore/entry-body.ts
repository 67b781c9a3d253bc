// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { encodePem } from '../../certificate/der.ts';
import { defaultHash, type TestKey } from '../keys.ts';
import { spkiOf } from './x509.ts';

/** What was signed, with all that entries say of it. */
export type LoggableContent = {
  readonly signature: Buffer;
  /** Over the bytes signed: the message, or the pre-authentication encoding of the envelope. */
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly digest: Buffer;
  /** A DSSE envelope; `json` is how it was uploaded. */
  readonly envelope?: { readonly payloadType: string; readonly payload: Buffer; readonly json: Buffer };
};

/** Who verifies the signature: the certificate (DER), or the key itself. */
export type LoggableVerifier = {
  readonly key: Pick<TestKey, 'kind' | 'publicKey' | 'publicKeyPem'>;
  readonly certificate?: Buffer;
};

/** The kinds of entry that Rekor has or had, with their versions. */
export type EntryKind =
  | 'hashedrekord 0.0.1'
  | 'hashedrekord 0.0.2'
  | 'dsse 0.0.1'
  | 'intoto 0.0.1'
  | 'intoto 0.0.2'
  | 'rekord 0.0.1';

const SPECS: Readonly<Record<EntryKind, (content: LoggableContent, verifier: LoggableVerifier) => unknown>> =
  {
    'hashedrekord 0.0.1': hashedRekord,
    'hashedrekord 0.0.2': hashedRekordV2,
    'dsse 0.0.1': dsse,
    'intoto 0.0.1': intotoLegacy,
    'intoto 0.0.2': intoto,
    'rekord 0.0.1': (content, verifier) => {
      const { data, signature } = hashedRekord(content, verifier);
      const { content: value, publicKey } = signature;
      return { data, signature: { content: value, format: 'x509', publicKey } };
    },
  };

/** The canonical body (RFC 8785: keys in order, no white space) of an entry about this signature. */
export function makeEntryBody(kind: EntryKind, content: LoggableContent, verifier: LoggableVerifier): Buffer {
  const [name, version] = kind.split(' ');
  const spec = SPECS[kind](content, verifier);
  return Buffer.from(JSON.stringify({ apiVersion: version, kind: name, spec }));
}

/** How Rekor v2 and trust roots name a key with its algorithm (sigstore_common.proto, `PublicKeyDetails`). */
export function keyDetails(
  key: Pick<TestKey, 'kind'>,
  { hash = defaultHash(key), isPrehashed = false }: { hash?: string; isPrehashed?: boolean } = {},
): string {
  const [family = '', detail = ''] = key.kind.split('-');
  if (family === 'rsa') return `PKIX_RSA_PKCS1V15_${detail}_SHA256`;
  if (family === 'ed25519') return isPrehashed ? 'PKIX_ED25519_PH' : 'PKIX_ED25519';
  return `PKIX_ECDSA_${detail.toUpperCase()}_${hash.replace('sha', 'SHA_')}`;
}

function hashedRekord({ hash, digest, signature }: LoggableContent, verifier: LoggableVerifier) {
  return {
    data: { hash: { algorithm: hash, value: digest.toString('hex') } },
    signature: { content: base64(signature), publicKey: { content: verifierPem(verifier) } },
  };
}

function hashedRekordV2(content: LoggableContent, { key, certificate }: LoggableVerifier) {
  const { hash, digest, signature, envelope } = content;
  // Keys are put in the order of their names: `keyDetails`, then `publicKey` or `x509Certificate`.
  const material = certificate
    ? { x509Certificate: { rawBytes: base64(certificate) } }
    : { publicKey: { rawBytes: base64(spkiOf(key.publicKey)) } };
  return {
    hashedRekordV002: {
      data: { algorithm: hash.replace('sha', 'SHA2_'), digest: base64(digest) },
      signature: {
        content: base64(signature),
        verifier: { keyDetails: keyDetails(key, { hash, isPrehashed: envelope === undefined }), ...material },
      },
    },
  };
}

function dsse(content: LoggableContent, verifier: LoggableVerifier) {
  const { json, payload } = envelopeOf(content);
  return {
    envelopeHash: sha256(json),
    payloadHash: sha256(payload),
    signatures: [{ signature: base64(content.signature), verifier: verifierPem(verifier) }],
  };
}

function intoto(content: LoggableContent, verifier: LoggableVerifier) {
  const { json, payload, payloadType } = envelopeOf(content);
  // Rekor takes the base64 text of the signature for its bytes, and encodes it once more.
  const sig = base64(Buffer.from(base64(content.signature)));
  const signatures = [{ publicKey: verifierPem(verifier), sig }];
  const envelope = { payloadType, signatures };
  return { content: { envelope, hash: sha256(json), payloadHash: sha256(payload) } };
}

function intotoLegacy(content: LoggableContent, verifier: LoggableVerifier) {
  const { json, payload } = envelopeOf(content);
  return {
    content: { hash: sha256(json), payloadHash: sha256(payload) },
    publicKey: verifierPem(verifier),
  };
}

function envelopeOf({ envelope }: LoggableContent) {
  if (envelope) return envelope;
  throw new Error('an entry of this kind is about a DSSE envelope: give a statement');
}

function verifierPem({ key, certificate }: LoggableVerifier): string {
  const pem = certificate ? encodePem('CERTIFICATE', certificate) : key.publicKeyPem;
  return base64(Buffer.from(pem));
}

function sha256(bytes: Uint8Array) {
  return { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
