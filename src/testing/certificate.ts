// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import {
  bitString,
  boolean,
  encodePem,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

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

type Name = string;
type Subject = { readonly name: Name; readonly publicKey: KeyObject };
type Validity = { readonly notBefore: Date; readonly notAfter: Date };

const CA_NAME: Name = 'Countersign test authority';
const HOUR = 3_600_000;

/** Makes a certificate for a server or client on this machine (P-256, RFC 5280), with nothing but node:crypto. */
export function createTestCertificate(options: TestCertificateOptions = {}): TestCertificate {
  const { hosts = ['127.0.0.1', '::1', 'localhost'], ca = createTestCa() } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = issue(
    ca,
    { name: options.commonName ?? hosts[0] ?? 'test', publicKey },
    validityOf(options.notBefore, options.days ?? 7),
    [
      extension('2.5.29.19', true, sequence()),
      extension('2.5.29.15', true, bitString(Buffer.of(0x80), 7)), // digitalSignature
      extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))), // serverAuth, clientAuth
      ...(hosts.length > 0 ? [extension('2.5.29.17', false, sequence(...hosts.map(encodeHost)))] : []),
    ],
  );
  return { certificate, privateKey: exportPrivate(privateKey), ca: ca.certificate };
}

/** Makes an authority, for certificates that shall share one. */
export function createTestCa(): TestCa {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = issue(
    keys,
    { name: CA_NAME, publicKey: keys.publicKey },
    validityOf(new Date(0), 36_500),
    [
      extension('2.5.29.19', true, sequence(boolean(true))),
      extension('2.5.29.15', true, bitString(Buffer.of(0x06), 1)), // keyCertSign, cRLSign
    ],
  );
  return { certificate, ...keys };
}

function issue(
  issuer: Pick<TestCa, 'publicKey' | 'privateKey'>,
  subject: Subject,
  { notBefore, notAfter }: Validity,
  extensions: readonly Uint8Array[],
): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(randomBytes(16)),
    algorithm,
    encodeName(CA_NAME),
    sequence(time(notBefore), time(notAfter)),
    encodeName(subject.name),
    spkiOf(subject.publicKey),
    explicit(
      3,
      sequence(
        ...extensions,
        extension('2.5.29.14', false, octetString(keyIdOf(subject.publicKey))),
        extension('2.5.29.35', false, sequence(implicit(0, keyIdOf(issuer.publicKey)))),
      ),
    ),
  );
  return encodePem(
    'CERTIFICATE',
    sequence(body, algorithm, bitString(sign('sha256', body, issuer.privateKey))),
  );
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function encodeName(commonName: Name): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8String(commonName))));
}

// RFC 5280 §4.2.1.6: dNSName is [2], iPAddress is [7] with its 4 or 16 bytes.
function encodeHost(host: string): Buffer {
  if (isIP(host) === 0) return implicit(2, Buffer.from(host));
  return implicit(7, isIPv4(host) ? Buffer.from(host.split('.').map(Number)) : encodeIpv6(host));
}

function encodeIpv6(address: string): Buffer {
  // The URL parser writes every IPv6 address in hexadecimal groups, with at most one `::`.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const gap = Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.from([...left, ...gap, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function validityOf(notBefore = new Date(Date.now() - HOUR), days: number): Validity {
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * 24 * HOUR) };
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

// RFC 7093 §2, method 1, which needs no SHA-1.
function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20);
}

function exportPrivate(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
