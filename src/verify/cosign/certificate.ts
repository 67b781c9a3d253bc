// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, X509Certificate } from 'node:crypto';
import { VerificationError } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import type { Signer } from '../../policy/index.ts';
import { textOf } from './layer-material.ts';

/**
 * Demands that the certificate beside a key's signature is one for that key (cosign formats §11.2 d).
 * Nothing else about the certificate matters: the policy trusts the key.
 *
 * Attacker input.
 *
 * @throws VerificationError CERTIFICATE_KEY_MISMATCH
 */
export function demandCertificateOf(key: KeyObject, pem: string): void {
  const certified = readPublicKey(pem);
  if (certified?.equals(key)) return;
  throw new VerificationError(
    'CERTIFICATE_KEY_MISMATCH',
    certified === undefined
      ? 'the certificate annotation of the signature is not a certificate that can be read'
      : 'the certificate annotation of the signature is for another key than the one that signed',
  );
}

function readPublicKey(pem: string): KeyObject | undefined {
  if (pem.length > LIMITS.certificateBytes) return undefined;
  try {
    return new X509Certificate(pem).publicKey;
  } catch {
    // Not a certificate, or one for a kind of key that OpenSSL does not know: the caller refuses it.
    return undefined;
  }
}

/**
 * What `verify` gives. Where a signature is by none of a signer's keys and has a certificate beside it, that is said: who signs
 * with one made a key for this signature alone, and is known by an identity.
 *
 * @throws what `verify` throws, with its code
 */
export function mentionCertificate<T>(
  signer: Signer,
  annotations: Readonly<Record<string, string>>,
  verify: () => T,
): T {
  try {
    return verify();
  } catch (cause) {
    const isOther = cause instanceof VerificationError && cause.code === 'SIGNATURE_INVALID';
    if (!isOther || signer.kind !== 'key' || textOf(annotations, 'certificate') === undefined) throw cause;
    const said = 'it came with a certificate, so it may be keyless: the policy then names an identity';
    throw new VerificationError(cause.code, `${cause.message}; ${said}`, { cause });
  }
}
