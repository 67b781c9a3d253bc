// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';

/** One extension of a certificate; `value` is what its OCTET STRING holds. */
export type CertificateExtension = {
  /** Dotted. */
  readonly id: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
  /** The whole extension, DER. */
  readonly whole: Uint8Array;
};

/** An X.509 certificate, read (RFC 5280 §4.1). Nothing of it is believed yet. */
export type Certificate = {
  readonly der: Uint8Array;
  /** The whole TBSCertificate: what its issuer signed. */
  readonly tbs: Uint8Array;
  /** The bytes of the serial number. */
  readonly serial: Uint8Array;
  /** Whole Names, DER: compared byte by byte. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since the epoch, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly publicKey: KeyObject;
  /** Dotted. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
};
