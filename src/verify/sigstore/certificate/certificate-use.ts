// SPDX-License-Identifier: Apache-2.0
import {
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
  UNDERSTOOD,
  USAGE,
} from '../../../certificate/extensions.ts';
import type { Certificate } from '../../../certificate/x509.ts';
import { isSelfIssued } from './has-issued.ts';

/** What the certificates below an authority are for. */
export type CertificatePurpose = 'codeSigning' | 'timeStamping';

/**
 * Why the certificate may not sign for this purpose itself, if so: it is an authority, its usages lack the purpose, or it
 * holds something critical that is not understood (RFC 5280 §4.2).
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function misuseOfLeaf(leaf: Certificate, purpose: CertificatePurpose): string | undefined {
  if (readBasicConstraints(leaf).ca) return 'found the certificate of an authority, wanted one that signs';
  if (readExtendedKeyUsage(leaf)?.includes(USAGE[purpose]) !== true) {
    return `found a certificate without the extended key usage ${purpose}`;
  }
  if (!mayKeySign(leaf, purpose)) {
    return 'found a certificate whose key usage is not digitalSignature';
  }
  return misunderstood(leaf);
}

/** RFC 5280 §4.2.1.12: one bit goes with code signing, either of two with timestamps, and some authorities have the other. */
function mayKeySign(leaf: Certificate, purpose: CertificatePurpose): boolean {
  const usage = readKeyUsage(leaf);
  if (usage === undefined || usage.digitalSignature) return true;
  return purpose === 'timeStamping' && usage.nonRepudiation;
}

/**
 * Why these may not issue certificates for this purpose, each for the one before it and the first one for a leaf, if so
 * (RFC 5280 §6.1.4 (k) to (o)). Who signed whom is not asked here.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function misuseOfIssuers(
  issuers: readonly Certificate[],
  purpose: CertificatePurpose,
): string | undefined {
  let below = 0;
  for (const issuer of issuers) {
    const misuse = misuseOfIssuer(issuer, purpose, below);
    if (misuse !== undefined) return misuse;
    if (!isSelfIssued(issuer)) below += 1;
  }
  return undefined;
}

function misuseOfIssuer(issuer: Certificate, purpose: CertificatePurpose, below: number): string | undefined {
  const { ca, pathLength = Number.POSITIVE_INFINITY } = readBasicConstraints(issuer);
  if (!ca) return 'found an issuer that is no authority';
  if (below > pathLength) return `found ${below} authorities below one that allows ${pathLength}`;
  if (readKeyUsage(issuer)?.keyCertSign === false)
    return 'found an issuer whose key usage is not keyCertSign';
  const usages = readExtendedKeyUsage(issuer);
  if (usages !== undefined && !usages.includes(USAGE[purpose]) && !usages.includes(USAGE.any)) {
    return `found an issuer without the extended key usage ${purpose}`;
  }
  // RFC 5280 §4.2.1.10 has them critical; an authority that forgot it still vouches for no names outside.
  if (purpose === 'codeSigning' && issuer.extensions.has(NAME_CONSTRAINTS))
    return 'found an issuer with name constraints, which are not understood';
  return misunderstood(issuer);
}

const NAME_CONSTRAINTS = '2.5.29.30';

function misunderstood({ extensions }: Certificate): string | undefined {
  for (const { id, critical } of extensions.values()) {
    if (critical && !UNDERSTOOD.has(id)) return `found the critical extension ${id}, which is not understood`;
  }
  return undefined;
}
