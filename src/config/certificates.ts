// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { CountersignError } from '../errors.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const MOST = 200;

/**
 * The certificates of a PEM file, as PEM and nothing else.
 *
 * @throws CONFIG_INVALID for a file without any, with one that cannot be read, or with a private key in it
 */
export function parseCertificates(text: string): string {
  const blocks = blocksOf(text);
  if (blocks.some(isPrivateKey)) throw invalid('holds a private key');
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ block }) => block);
  if (certificates.length === 0) throw invalid('holds no certificate (allowed: PEM "CERTIFICATE")');
  if (certificates.length > MOST) throw invalid(`holds more than ${MOST} certificates`);
  for (const [index, certificate] of certificates.entries()) checkCertificate(certificate, index + 1);
  return `${certificates.join('\n')}\n`;
}

/**
 * The private key of a PEM file, as PEM and nothing else. No message, and no cause of one, holds a part of it.
 *
 * @throws CONFIG_INVALID for a file without any, with several, with one that is encrypted or cannot be read
 */
export function parsePrivateKey(text: string): string {
  const [key, ...others] = blocksOf(text).filter(isPrivateKey);
  if (key === undefined) throw invalid('holds no private key (allowed: PEM "PRIVATE KEY")');
  if (others.length > 0) throw invalid(`holds ${others.length + 1} private keys (allowed: one)`);
  if (key.label.startsWith('ENCRYPTED') || key.block.includes('ENCRYPTED')) {
    throw invalid('holds an encrypted private key (allowed: one without a passphrase)');
  }
  try {
    createPrivateKey(key.block);
  } catch {
    throw invalid('the private key of the file cannot be read');
  }
  return `${key.block}\n`;
}

/**
 * Checks that the key is that of the first certificate, and that TLS takes both.
 *
 * @throws CONFIG_INVALID
 */
export function checkPair(certificate: string, privateKey: string): void {
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))) {
    throw invalid('the private key does not belong to the first certificate');
  }
  try {
    createSecureContext({ cert: certificate, key: privateKey });
  } catch {
    throw invalid('certificate and private key cannot be used for TLS');
  }
}

type Block = { readonly block: string; readonly label: string };

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(BLOCK)].map(([block, label]) => ({ block, label: label ?? '' }));
}

function isPrivateKey({ label }: Block): boolean {
  return label.endsWith('PRIVATE KEY');
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
