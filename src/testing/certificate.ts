// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { issueCertificate, type Validity } from '../certificate/issue.ts';

/** A certificate authority that signs test certificates. */
export type TestCa = {
  /** PEM. */
  readonly certificate: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
};

/** PEM texts: a certificate for servers and clients, its key, and the authority that signed it. */
export type TestCertificate = {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca: string;
};

export type TestCertificateOptions = {
  /** DNS names and IP addresses. Default: 127.0.0.1, ::1 and localhost. */
  readonly hosts?: readonly string[];
  /** Default: one of its own. */
  readonly ca?: TestCa;
  /** Default: the first host. */
  readonly commonName?: string;
  /** How long it is valid. Default 7. */
  readonly days?: number;
  /** From when. Default: an hour ago. */
  readonly notBefore?: Date;
};

const CA_NAME = 'Countersign test authority';
const HOUR = 3_600_000;

/** Makes a certificate for a server or client on this machine (P-256, RFC 5280), with nothing but node:crypto. */
export function createTestCertificate(options: TestCertificateOptions = {}): TestCertificate {
  const { hosts = ['127.0.0.1', '::1', 'localhost'], ca = createTestCa() } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = issueCertificate(
    { ...ca, name: CA_NAME },
    { name: options.commonName ?? hosts[0] ?? 'test', publicKey },
    validityOf(options.notBefore, options.days ?? 7),
    { kind: 'leaf', hosts, usages: ['serverAuth', 'clientAuth'] },
  );
  return { certificate, privateKey: exportPrivate(privateKey), ca: ca.certificate };
}

/** Makes an authority, for certificates that shall share one. */
export function createTestCa(): TestCa {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const self = { ...keys, name: CA_NAME };
  const certificate = issueCertificate(self, self, validityOf(new Date(0), 36_500), { kind: 'authority' });
  return { certificate, ...keys };
}

function validityOf(notBefore = new Date(Date.now() - HOUR), days: number): Validity {
  return { notBefore: notBefore.getTime(), notAfter: notBefore.getTime() + days * 24 * HOUR };
}

function exportPrivate(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
