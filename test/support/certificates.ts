// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import * as der from '../../src/certificate/der.ts';
import { type Certificate, parseCertificate } from '../../src/certificate/x509.ts';
import { vectorsPath } from './vectors.ts';

/** A certificate that a test made, and its private key. */
export type MadeCertificate = { readonly certificate: Certificate; readonly privateKey: KeyObject };

export type CertificateParts = {
  readonly subject?: string;
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** Who signs; default: itself. */
  readonly issuer?: MadeCertificate;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly extensions?: readonly Uint8Array[];
  /** Of the signature: default ECDSA with SHA-256. */
  readonly algorithm?: { readonly der: Uint8Array; readonly hash: string | null };
  /** Stands outside instead of the algorithm. */
  readonly outerAlgorithm?: Uint8Array;
  /** The parts of the TBSCertificate, before they are signed. */
  readonly change?: (parts: Uint8Array[]) => Uint8Array[];
};

export const NOT_BEFORE = Date.parse('2026-01-01T00:00:00Z');
export const NOT_AFTER = Date.parse('2026-01-01T00:10:00Z');

/** The DER of a certificate with exactly these parts, however wrong they are. */
export function makeDer(parts: CertificateParts): { readonly der: Buffer; readonly privateKey: KeyObject } {
  const keys = parts.keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { der: algorithm, hash } = parts.algorithm ?? ECDSA_SHA256;
  const subject = nameOf(parts.subject ?? 'test');
  const { extensions = [], change = (same: Uint8Array[]) => same } = parts;
  const tbs = der.sequence(
    ...change([
      der.explicit(0, der.integer(Buffer.of(2))),
      der.integer(Buffer.of(1, 2, 3)),
      algorithm,
      parts.issuer?.certificate.subject ?? subject,
      der.sequence(
        der.time(new Date(parts.notBefore ?? NOT_BEFORE)),
        der.time(new Date(parts.notAfter ?? NOT_AFTER)),
      ),
      subject,
      keys.publicKey.export({ type: 'spki', format: 'der' }),
      der.explicit(3, der.sequence(...extensions)),
    ]),
  );
  const signature = sign(hash, tbs, parts.issuer?.privateKey ?? keys.privateKey);
  const whole = der.sequence(tbs, parts.outerAlgorithm ?? algorithm, der.bitString(signature));
  return { der: whole, privateKey: keys.privateKey };
}

/** The same, read. */
export function makeCertificate(parts: CertificateParts): MadeCertificate {
  const made = makeDer(parts);
  return { certificate: parseCertificate(made.der), privateKey: made.privateKey };
}

export const ECDSA_SHA256 = { der: der.sequence(der.oid('1.2.840.10045.4.3.2')), hash: 'sha256' };

export function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

export const basicConstraints = (ca: boolean, pathLength?: number) =>
  extension(
    '2.5.29.19',
    der.sequence(
      ...(ca ? [der.boolean(true)] : []),
      ...(pathLength === undefined ? [] : [der.integer(Buffer.of(pathLength))]),
    ),
    true,
  );
export const KEY_CERT_SIGN = extension('2.5.29.15', der.bitString(Buffer.of(0x04), 2), true);
export const DIGITAL_SIGNATURE = extension('2.5.29.15', der.bitString(Buffer.of(0x80), 7), true);
export const extendedKeyUsages = (...ids: readonly string[]) =>
  extension('2.5.29.37', der.sequence(...ids.map(der.oid)));
export const CODE_SIGNING = extendedKeyUsages('1.3.6.1.5.5.7.3.3');
export const subjectAltNames = (...names: readonly Uint8Array[]) =>
  extension('2.5.29.17', der.sequence(...names), true);
export const uri = (text: string) => der.implicit(6, Buffer.from(text));

function nameOf(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.utf8String(commonName))));
}

/** All certificates in the JSON files of a folder of the vectors and those below it, each once. */
export function vectorCertificates(...folder: string[]): readonly Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  const root = vectorsPath(...folder);
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.json')) continue;
    const text = readFileSync(`${root}/${entry}`, 'utf8');
    for (const [, base64 = ''] of text.matchAll(/"rawBytes":\s*"(MII[A-Za-z0-9+/=]+)"/g)) {
      const bytes = Buffer.from(base64, 'base64');
      // A public key is a SEQUENCE that begins with one of an OBJECT IDENTIFIER; a certificate is deeper.
      if (bytes[4] === 0x30 && bytes[5] === 0x82) found.set(base64, bytes);
    }
  }
  return [...found.values()];
}
