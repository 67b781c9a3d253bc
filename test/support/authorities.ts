// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject } from 'node:crypto';
import { encodePem, integer, oid, sequence } from '../../src/certificate/der.ts';
import {
  basicConstraints,
  type CertificateParts,
  extension,
  KEY_CERT_SIGN,
  type MadeCertificate,
  makeCertificate,
} from './certificates.ts';

/** Somebody whose certificate is valid for ten years. */
export type Holder = MadeCertificate & { readonly der: Uint8Array; readonly publicKey: KeyObject };

/** A certificate of this name from 2025 to 2035, with a serial number of its own. */
export function holderOf(subject: string, parts: CertificateParts = {}): Holder {
  const serial = createHash('sha256').update(subject).digest().subarray(0, 8);
  const made = makeCertificate({
    subject,
    notBefore: Date.parse('2025-01-01T00:00:00Z'),
    notAfter: Date.parse('2035-01-01T00:00:00Z'),
    change: ([version = serial, , ...rest]) => [version, integer(serial), ...rest],
    ...parts,
  });
  return { ...made, der: made.certificate.der, publicKey: made.certificate.publicKey };
}

/** The extensions of a certificate that issues others. */
export const AUTHORITY: readonly Buffer[] = [basicConstraints(true), KEY_CERT_SIGN];

export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** Extended key usages, dotted. */
export function purposes(critical: boolean, ...ids: readonly string[]): Buffer {
  return extension('2.5.29.37', sequence(...ids.map(oid)), critical);
}

/** PEM of the holders' certificates, in this order. */
export function pemOf(...holders: readonly Holder[]): string {
  return holders.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}
