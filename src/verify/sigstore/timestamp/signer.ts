// SPDX-License-Identifier: Apache-2.0
import {
  EXTENSION,
  readBasicConstraints,
  readExtendedKeyUsage,
  readSubjectKeyId,
  USAGE,
} from '../../../certificate/extensions.ts';
import { sameBytes } from '../../../certificate/same-bytes.ts';
import { type Certificate, parseCertificate } from '../../../certificate/x509.ts';
import type { TrustedTimestampAuthority } from '../../trust-root.ts';
import { misuseOfLeaf } from '../certificate/certificate-use.ts';
import { hasIssued } from '../certificate/has-issued.ts';
import type { SignedAttributes } from './attributes.ts';
import type { SignerInfo, SignerName } from './response.ts';

/** The parts of a timestamp token that say who signed it. */
export type Token = {
  readonly signerInfo: SignerInfo;
  readonly attributes: SignedAttributes;
  readonly certificates: readonly Uint8Array[];
  /** The certificates, read when they are first asked for: most authorities are known by their own. */
  readonly read: () => readonly Certificate[];
};

/** The parts of a token, together. */
export function tokenOf(
  certificates: readonly Uint8Array[],
  signerInfo: SignerInfo,
  attributes: SignedAttributes,
): Token {
  let known: readonly Certificate[] | undefined;
  const read = (): readonly Certificate[] => {
    known ??= certificates.map(parseCertificate);
    return known;
  };
  return { signerInfo, attributes, certificates, read };
}

/**
 * The certificate of the authority that the token names as its signer, if there is one. Where the trust root gives it,
 * the token has the very same one among its certificates, or has none; where the trust root gives issuers only, the
 * token's must be issued by the first of them.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function signerOf(token: Token, authority: TrustedTimestampAuthority): Certificate | undefined {
  const [first] = authority.chain;
  if (first === undefined) return undefined;
  const isNamed = (certificate: Certificate) =>
    isNamedBy(token.signerInfo.signer, certificate) && token.attributes.allowCertificate(certificate.der);
  if (!authority.hasLeaf) return token.read().find((one) => isNamed(one) && hasIssued(first, one));
  const { certificates } = token;
  const isThere = certificates.length === 0 || certificates.some((der) => sameBytes(der, first.der));
  return isThere && isNamed(first) ? first : undefined;
}

/** RFC 5652 §5.3: by issuer and serial number, or by subject key identifier. */
function isNamedBy(name: SignerName, certificate: Certificate): boolean {
  if (name.kind === 'serial')
    return sameBytes(name.issuer, certificate.issuer) && sameBytes(name.serial, certificate.serial);
  const id = readSubjectKeyId(certificate);
  return id !== undefined && sameBytes(name.id, id);
}

/**
 * Whether the certificate is one that signs timestamps, rather than one that issues such certificates.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function signsTimestamps(certificate: Certificate): boolean {
  const usages = readExtendedKeyUsage(certificate) ?? [];
  return usages.includes(USAGE.timeStamping) && !readBasicConstraints(certificate).ca;
}

/**
 * Why the certificate must not sign timestamps (RFC 3161 §2.3): that must be its only purpose, said in a
 * critical extension, and it must be no authority; `undefined` where it may.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function whyNoTimestampSigner(certificate: Certificate): string | undefined {
  const usages = readExtendedKeyUsage(certificate) ?? [];
  if (usages.length !== 1 || certificate.extensions.get(EXTENSION.extendedKeyUsage)?.critical !== true)
    return 'found an extended key usage that is not timeStamping alone, and critical';
  return misuseOfLeaf(certificate, 'timeStamping');
}
