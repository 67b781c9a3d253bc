// SPDX-License-Identifier: Apache-2.0
import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  type SignKeyObjectInput,
  sign as signBytes,
} from 'node:crypto';
import { ed25519ph } from '@noble/curves/ed25519.js';

/** The kinds of key that signers use. */
export type TestKeyKind =
  | 'ecdsa-p256'
  | 'ecdsa-p384'
  | 'ecdsa-p521'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'ed25519';

export type TestKey = {
  readonly kind: TestKeyKind;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SPKI PEM, as in a `cosign.pub`. */
  readonly publicKeyPem: string;
  /** `sha256:<hex>` of the SPKI DER. */
  readonly fingerprint: string;
};

/** How a key signs. What is left out is what cosign does with a key file of that kind. */
export type SignatureOptions = {
  /** Default: SHA-384 and SHA-512 for P-384 and P-521, else SHA-256. Ed25519 knows no choice. */
  readonly hash?: 'sha224' | 'sha256' | 'sha384' | 'sha512';
  /** RSA only. Default `pkcs1`. */
  readonly scheme?: 'pkcs1' | 'pss';
  /** Ed25519 only: over the bytes, or over their SHA-512 (RFC 8032, Ed25519ph). */
  readonly ed25519?: 'pure' | 'ph';
};

type Kind = {
  readonly generate: () => { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly hash: 'sha256' | 'sha384' | 'sha512';
};

const KINDS: Readonly<Record<TestKeyKind, Kind>> = {
  'ecdsa-p256': { generate: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), hash: 'sha256' },
  'ecdsa-p384': { generate: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), hash: 'sha384' },
  'ecdsa-p521': { generate: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }), hash: 'sha512' },
  'rsa-2048': { generate: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256' },
  'rsa-3072': { generate: () => generateKeyPairSync('rsa', { modulusLength: 3072 }), hash: 'sha256' },
  'rsa-4096': { generate: () => generateKeyPairSync('rsa', { modulusLength: 4096 }), hash: 'sha256' },
  ed25519: { generate: () => generateKeyPairSync('ed25519'), hash: 'sha512' },
};

/** Every kind of key, for tests that go through all of them. */
export const TEST_KEY_KINDS = Object.keys(KINDS) as readonly TestKeyKind[];

/** Makes a new key. RSA keys of 4096 bits take a second or more. */
export function createTestKey(kind: TestKeyKind = 'ecdsa-p256'): TestKey {
  const { privateKey, publicKey } = KINDS[kind].generate();
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    kind,
    privateKey,
    publicKey,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: `sha256:${createHash('sha256').update(spki).digest('hex')}`,
  };
}

/** The hash that the key signs over unless told otherwise. */
export function defaultHash(key: Pick<TestKey, 'kind'>): 'sha256' | 'sha384' | 'sha512' {
  return KINDS[key.kind].hash;
}

/** A signature over the bytes: ECDSA in DER, RSA and Ed25519 as they are. */
export function signWith(key: TestKey, bytes: Uint8Array, options: SignatureOptions = {}): Buffer {
  if (key.kind === 'ed25519') return signEd25519(key, bytes, options.ed25519 ?? 'pure');
  return signBytes(options.hash ?? defaultHash(key), bytes, paddingOf(key, options.scheme));
}

function paddingOf(
  { kind, privateKey }: TestKey,
  scheme: 'pkcs1' | 'pss' = 'pkcs1',
): KeyObject | SignKeyObjectInput {
  if (!kind.startsWith('rsa')) return privateKey;
  if (scheme === 'pkcs1') return { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

function signEd25519({ privateKey }: TestKey, bytes: Uint8Array, form: 'pure' | 'ph'): Buffer {
  if (form === 'pure') return signBytes(null, bytes, privateKey);
  // node:crypto has no Ed25519ph.
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  return Buffer.from(ed25519ph.sign(bytes, seed));
}
