// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { CountersignError } from '../errors.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const MOST = 200;

/**
 * The certificates of a PEM file, as PEM and nothing else.
 *
 * @throws CONFIG_INVALID for a file without any, with one that cannot be read, or with a private key in it
 */
export function parseCertificates(text: string): string {
  const blocks = [...text.matchAll(BLOCK)].map(([block, label]) => ({ block, label: label ?? '' }));
  if (blocks.some(({ label }) => label.endsWith('PRIVATE KEY'))) throw invalid('holds a private key');
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ block }) => block);
  if (certificates.length === 0) throw invalid('holds no certificate (allowed: PEM "CERTIFICATE")');
  if (certificates.length > MOST) throw invalid(`holds more than ${MOST} certificates`);
  for (const [index, certificate] of certificates.entries()) checkCertificate(certificate, index + 1);
  return `${certificates.join('\n')}\n`;
}

function checkCertificate(pem: string, number: number): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw invalid(`certificate ${number} of the file cannot be read`, cause);
  }
}

function invalid(message: string, cause?: unknown): CountersignError {
  return new CountersignError('CONFIG_INVALID', message, { cause });
}
