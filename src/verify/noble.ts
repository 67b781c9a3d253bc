// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';

/*
 * What node:crypto lacks: Ed25519ph, and ECDSA over a digest that is given. Both are rare, and loading the
 * library takes longer (20 ms) than starting a command should, so it is loaded at the first use.
 * Verification is synchronous, and so is this: an unbundled module has no `require` and makes itself one
 * (Node's require takes ES modules); a bundler sees the call and packs the library in.
 */
type Ed25519 = Pick<typeof import('@noble/curves/ed25519.js'), 'ed25519ph'>;
type Nist = Pick<typeof import('@noble/curves/nist.js'), 'p256' | 'p384' | 'p521'>;

const isBundled = typeof require === 'function';

let ed25519: Ed25519 | undefined;
let nist: Nist | undefined;

/** The name of a curve in {@link verifyEcdsaDigest}. */
export type NobleCurve = keyof Nist;

/**
 * Whether the signature is Ed25519ph (RFC 8032 §5.1, SHA-512, empty context) by the key over the content.
 * Strict: encodings that are not canonical and keys of small order are refused.
 */
export function verifyEd25519ph(content: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  if (signature.length !== 64) return false;
  ed25519 ??= loadEd25519();
  const { x = '' } = key.export({ format: 'jwk' });
  return ed25519.ed25519ph.verify(signature, content, Buffer.from(x, 'base64url'), { zip215: false });
}

/** Whether the signature (ASN.1 DER) is ECDSA by the key over the digest, which is not hashed again. */
export function verifyEcdsaDigest(
  curve: NobleCurve,
  digest: Uint8Array,
  signature: Uint8Array,
  key: KeyObject,
): boolean {
  nist ??= loadNist();
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(0x04), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return nist[curve].verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' });
}

function loadEd25519(): Ed25519 {
  return isBundled
    ? require('@noble/curves/ed25519.js')
    : createRequire(import.meta.url)('@noble/curves/ed25519.js');
}

function loadNist(): Nist {
  return isBundled
    ? require('@noble/curves/nist.js')
    : createRequire(import.meta.url)('@noble/curves/nist.js');
}
