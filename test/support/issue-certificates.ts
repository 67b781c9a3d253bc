// SPDX-License-Identifier: Apache-2.0
import {
  basicConstraints,
  type CertificateParts,
  CODE_SIGNING,
  DIGITAL_SIGNATURE,
  KEY_CERT_SIGN,
  type MadeCertificate,
  makeCertificate,
  subjectAltNames,
  uri,
} from './certificates.ts';

const YEAR = { notBefore: Date.parse('2025-06-01T00:00:00Z'), notAfter: Date.parse('2026-06-01T00:00:00Z') };
const SUBJECT = subjectAltNames(uri('https://a.example/workflow'));

/** An authority that may issue for any purpose, unless the parts say otherwise; without an issuer a root. */
export function makeAuthority(subject: string, parts: CertificateParts = {}): MadeCertificate {
  const extensions = [basicConstraints(true), KEY_CERT_SIGN];
  return makeCertificate({ subject, extensions, ...YEAR, ...parts });
}

/** A certificate as Fulcio issues it for ten minutes, unless the parts say otherwise. */
export function makeLeaf(issuer: MadeCertificate, parts: CertificateParts = {}): MadeCertificate {
  const extensions = [DIGITAL_SIGNATURE, CODE_SIGNING, SUBJECT];
  return makeCertificate({ issuer, subject: 'leaf', extensions, ...parts });
}
