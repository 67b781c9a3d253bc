// SPDX-License-Identifier: Apache-2.0
import { readBasicConstraints, readExtendedKeyUsage, USAGE } from '../../../certificate/extensions.ts';
import type { Certificate } from '../../../certificate/x509.ts';

/**
 * Whether the certificate is one that signs timestamps, rather than one that issues such certificates.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function signsTimestamps(certificate: Certificate): boolean {
  const usages = readExtendedKeyUsage(certificate) ?? [];
  return usages.includes(USAGE.timeStamping) && !readBasicConstraints(certificate).ca;
}
