// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type Certificate, parseCertificate } from './x509.ts';

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/**
 * The certificates of a PEM text (RFC 7468), in its order; none for a text of white space only. Words that explain
 * may stand between the certificates, anything else in PEM (a key, say) may not.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED, and LIMIT_EXCEEDED past {@link LIMITS}.certificateBytes and
 * {@link LIMITS}.bundleCertificates, or for one certificate that is too large
 */
export function parsePemCertificates(pem: string): Certificate[] {
  if (pem.length > LIMITS.certificateBytes) {
    throw limited(`${pem.length} characters of certificates, wanted at most ${LIMITS.certificateBytes}`);
  }
  const [head = '', ...blocks] = pem.split(BEGIN);
  if (blocks.length > LIMITS.bundleCertificates) {
    throw limited(`${blocks.length} certificates, wanted at most ${LIMITS.bundleCertificates}`);
  }
  checkBetween(head);
  if (blocks.length === 0 && head.trim() !== '') throw malformed('no certificate');
  return blocks.map(certificateIn);
}

function certificateIn(block: string): Certificate {
  const [body = '', tail, ...rest] = block.split(END);
  if (tail === undefined || rest.length > 0) throw malformed('a certificate without an end of its own');
  checkBetween(tail);
  const base64 = body.replace(/[ \t\r\n]/g, '');
  const der = Buffer.from(base64, 'base64');
  if (base64 === '' || der.toString('base64') !== base64) throw malformed('a certificate that is not base64');
  return parseCertificate(der);
}

function checkBetween(text: string): void {
  if (text.includes('-----')) throw malformed('something else beside the certificates');
}

function limited(found: string): VerificationError {
  return new VerificationError('LIMIT_EXCEEDED', `found ${found}`);
}

function malformed(found: string): VerificationError {
  return new VerificationError('CERTIFICATE_MALFORMED', `found ${found}, wanted certificates in PEM`);
}
