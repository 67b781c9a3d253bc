// SPDX-License-Identifier: Apache-2.0
import { verify } from 'node:crypto';
import { readAuthorityKeyId, readSubjectKeyId } from '../../../certificate/extensions.ts';
import { sameBytes } from '../../../certificate/same-bytes.ts';
import { isStrongKey } from '../../../certificate/strong-key.ts';
import type { Certificate } from '../../../certificate/x509.ts';

/** How a certificate may be signed (RFC 5758 §3, RFC 4055 §5, RFC 8410 §3): the kind of key, and the hash. */
const ALGORITHMS: Readonly<Record<string, { readonly kind: string; readonly hash: string | null }>> = {
  '1.2.840.10045.4.3.2': { kind: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ec', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { kind: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', hash: 'sha512' },
  '1.3.101.112': { kind: 'ed25519', hash: null },
};

/**
 * Whether the one certificate was signed with the key of the other, and names it: by its name, byte for byte, and by its
 * key identifier where both have one (RFC 5280 §6.1.3). Whether the other may issue any is not asked here.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function hasIssued(issuer: Certificate, certificate: Certificate): boolean {
  if (!isNamedAfter(certificate, issuer) || !namesKeyOf(issuer, certificate)) return false;
  const algorithm = ALGORITHMS[certificate.signatureAlgorithm];
  const { publicKey } = issuer;
  if (algorithm === undefined || !isStrongKey(publicKey, algorithm.kind)) return false;
  return verify(algorithm.hash, certificate.tbs, publicKey, certificate.signature);
}

/** Whether its signature is one that {@link hasIssued} can verify at all: SHA-1, for one, proves nothing. */
export function isVerifiable({ signatureAlgorithm }: Certificate): boolean {
  return Object.hasOwn(ALGORITHMS, signatureAlgorithm);
}

/** Whether it names this one as its issuer, byte for byte. */
export function isNamedAfter(certificate: Certificate, issuer: Certificate): boolean {
  return sameBytes(issuer.subject, certificate.issuer);
}

/** Whether it names itself as its issuer (RFC 5280 §3.2). */
export function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return sameBytes(issuer, subject);
}

function namesKeyOf(issuer: Certificate, certificate: Certificate): boolean {
  const [wanted, found] = [readAuthorityKeyId(certificate), readSubjectKeyId(issuer)];
  return wanted === undefined || found === undefined || sameBytes(wanted, found);
}
