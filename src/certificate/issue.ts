// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
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

/** A common name, and the P-256 key that goes with it. */
export type Party = { readonly name: string; readonly publicKey: KeyObject };

/** Who signs. */
export type Signer = Party & { readonly privateKey: KeyObject };

/** In milliseconds since the epoch; certificates count whole seconds. */
export type Validity = { readonly notBefore: number; readonly notAfter: number };

/** What a certificate is for. */
export type Purpose =
  | { readonly kind: 'authority' }
  | {
      readonly kind: 'leaf';
      /** DNS names and IP addresses. */
      readonly hosts: readonly string[];
      readonly usages: readonly ('serverAuth' | 'clientAuth')[];
    };

/**
 * Signs a certificate (X.509 version 3, RFC 5280) with ECDSA and SHA-256, and gives it as PEM. Its serial number
 * is 128 bits of chance and never negative; subject and authority key identifiers are always there, so that two
 * authorities of one name can be told apart.
 */
export function issueCertificate(
  issuer: Signer,
  subject: Party,
  { notBefore, notAfter }: Validity,
  purpose: Purpose,
): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(randomBytes(16)),
    algorithm,
    encodeName(issuer.name),
    sequence(time(new Date(notBefore)), time(new Date(notAfter))),
    encodeName(subject.name),
    spkiOf(subject.publicKey),
    explicit(
      3,
      sequence(
        ...extensionsFor(purpose),
        extension('2.5.29.14', false, octetString(keyIdOf(subject.publicKey))),
        extension('2.5.29.35', false, sequence(implicit(0, keyIdOf(issuer.publicKey)))),
      ),
    ),
  );
  const signature = bitString(sign('sha256', body, issuer.privateKey));
  return encodePem('CERTIFICATE', sequence(body, algorithm, signature));
}

const USAGES = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;

function extensionsFor(purpose: Purpose): readonly Buffer[] {
  if (purpose.kind === 'authority') {
    return [
      extension('2.5.29.19', true, sequence(boolean(true))),
      extension('2.5.29.15', true, bitString(Buffer.of(0x06), 1)), // keyCertSign, cRLSign
    ];
  }
  const { hosts, usages } = purpose;
  return [
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.15', true, bitString(Buffer.of(0x80), 7)), // digitalSignature
    extension('2.5.29.37', false, sequence(...usages.map((usage) => oid(USAGES[usage])))),
    ...(hosts.length > 0 ? [extension('2.5.29.17', false, sequence(...hosts.map(encodeHost)))] : []),
  ];
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function encodeName(commonName: string): Buffer {
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

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

// Any way to make one will do as long as it is the same for both ends (RFC 7093 §2); this one needs no SHA-1.
function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20);
}
