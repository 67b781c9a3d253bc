// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from '../../certificate/der.ts';
import { signWith, type TestKey, type TestKeyKind } from '../keys.ts';

/** What a certificate is to say; its issuer's signature algorithm goes with the key that signs. */
export type CertificateContent = {
  /** Default: 128 bits of chance. */
  readonly serial?: Uint8Array;
  /** Whole Names, DER: `encodeName`. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since the epoch; certificates count whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  /** Whole extensions, DER: `extension`. */
  readonly extensions: readonly Uint8Array[];
};

/** The purposes that extended key usages name here. */
export type TestUsage = 'serverAuth' | 'codeSigning' | 'timeStamping';

const USAGES: Readonly<Record<TestUsage, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
};

const ECDSA = '1.2.840.10045.4.3';

/** The AlgorithmIdentifier of a signature by a key of this kind, as `signWith` makes it. */
export function signatureAlgorithm(kind: TestKeyKind): Buffer {
  if (kind.startsWith('rsa')) return sequence(oid('1.2.840.113549.1.1.11'), nullValue());
  const names = { 'ecdsa-p256': `${ECDSA}.2`, 'ecdsa-p384': `${ECDSA}.3`, 'ecdsa-p521': `${ECDSA}.4` };
  return sequence(oid(kind in names ? names[kind as keyof typeof names] : '1.3.101.112'));
}

/** A TBSCertificate (RFC 5280 §4.1.2), which a key of this kind will sign. */
export function makeTbs(content: CertificateContent, kind: TestKeyKind): Buffer {
  return sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(content.serial ?? randomBytes(16)),
    signatureAlgorithm(kind),
    content.issuer,
    sequence(time(new Date(content.notBefore)), time(new Date(content.notAfter))),
    content.subject,
    spkiOf(content.publicKey),
    explicit(3, sequence(...content.extensions)),
  );
}

/** A certificate, DER, that the key signed. */
export function signCertificate(content: CertificateContent, key: TestKey): Buffer {
  const tbs = makeTbs(content, key.kind);
  return sequence(tbs, signatureAlgorithm(key.kind), bitString(signWith(key, tbs)));
}

/** A Name with an organisation and a common name; the empty one where nothing is given, as Fulcio's leaves have it. */
export function encodeName(organization?: string, commonName?: string): Buffer {
  const attribute = (type: string, text: string | undefined) =>
    text === undefined ? [] : [set(sequence(oid(type), utf8String(text)))];
  return sequence(...attribute('2.5.4.10', organization), ...attribute('2.5.4.3', commonName));
}

export function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** digitalSignature, or what authorities have: keyCertSign and cRLSign. */
export function keyUsage(usage: 'digitalSignature' | 'keyCertSign'): Buffer {
  const bits = usage === 'digitalSignature' ? bitString(Buffer.of(0x80), 7) : bitString(Buffer.of(0x06), 1);
  return extension('2.5.29.15', true, bits);
}

export function extendedKeyUsage(usages: readonly TestUsage[], critical = false): Buffer {
  return extension('2.5.29.37', critical, sequence(...usages.map((usage) => oid(USAGES[usage]))));
}

/** Basic constraints of an authority; `below`: how many authorities may follow it. */
export function authorityConstraint(below?: number): Buffer {
  const length = below === undefined ? [] : [integer(Buffer.of(below))];
  return extension('2.5.29.19', true, sequence(boolean(true), ...length));
}

/** Subject and authority key identifiers. */
export function keyIdentifiers(subject: KeyObject, issuer: KeyObject): readonly Buffer[] {
  return [
    extension('2.5.29.14', false, octetString(keyIdOf(subject))),
    extension('2.5.29.35', false, sequence(implicit(0, keyIdOf(issuer)))),
  ];
}

/** SubjectPublicKeyInfo, DER. */
export function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20);
}
