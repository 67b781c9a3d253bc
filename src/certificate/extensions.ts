// SPDX-License-Identifier: Apache-2.0
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  expectTag,
  readBoolean,
  readOid,
  readSmallInteger,
  wrappedIn,
} from './read-der.ts';
import { type Certificate, readingCertificate } from './x509.ts';

/** The extensions of RFC 5280 §4.2.1 that are read, by their object identifiers. */
export const EXTENSION = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** The list of timestamps of certificate logs (RFC 6962 §3.3). */
export const CERTIFICATE_TIMESTAMPS = '1.3.6.1.4.1.11129.2.4.2';

/** What may be critical: all of it is read. A certificate with anything else that is critical must be refused. */
export const UNDERSTOOD: ReadonlySet<string> = new Set(Object.values(EXTENSION));

/** What a key may be for (RFC 5280 §4.2.1.12). */
export const USAGE = {
  any: '2.5.29.37.0',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
} as const;

/** RFC 5280 §4.2.1.9; a certificate without the extension is no authority. */
export type BasicConstraints = { readonly ca: boolean; readonly pathLength?: number };

/** @throws VerificationError CERTIFICATE_MALFORMED */
export function readBasicConstraints(certificate: Certificate): BasicConstraints {
  return read(certificate, EXTENSION.basicConstraints, constraintsOf) ?? { ca: false };
}

/** The usages, dotted; undefined where the certificate does not restrict them. @throws VerificationError CERTIFICATE_MALFORMED */
export function readExtendedKeyUsage(certificate: Certificate): readonly string[] | undefined {
  return read(certificate, EXTENSION.extendedKeyUsage, (value) => {
    const usages = childrenOf(expectTag(value, DER.sequence, 'extended key usages'));
    if (usages.length === 0) throw new DerError('no extended key usage in a list of them');
    return usages.map(readOid);
  });
}

/** The key usages that matter here (RFC 5280 §4.2.1.3). */
export type KeyUsage = {
  readonly digitalSignature: boolean;
  readonly nonRepudiation: boolean;
  readonly keyCertSign: boolean;
};

/** Undefined where the certificate does not restrict them. @throws VerificationError CERTIFICATE_MALFORMED */
export function readKeyUsage(certificate: Certificate): KeyUsage | undefined {
  return read(certificate, EXTENSION.keyUsage, (value) => {
    const { content } = expectTag(value, DER.bitString, 'key usages');
    const [unused = 8, first = 0] = content;
    if (unused > 7 || content.length < 2 || content.length > 3) throw new DerError('no such key usages');
    return {
      digitalSignature: (first & 0x80) !== 0,
      nonRepudiation: (first & 0x40) !== 0,
      keyCertSign: (first & 0x04) !== 0,
    };
  });
}

/** RFC 5280 §4.2.1.2. @throws VerificationError CERTIFICATE_MALFORMED */
export function readSubjectKeyId(certificate: Certificate): Uint8Array | undefined {
  return read(
    certificate,
    EXTENSION.subjectKeyId,
    (value) => expectTag(value, DER.octetString, 'a key identifier').content,
  );
}

/** The key identifier in it (RFC 5280 §4.2.1.1), if it has one. @throws VerificationError CERTIFICATE_MALFORMED */
export function readAuthorityKeyId(certificate: Certificate): Uint8Array | undefined {
  return read(certificate, EXTENSION.authorityKeyId, (value) => {
    const parts = childrenOf(expectTag(value, DER.sequence, 'an authority key identifier'));
    return parts.find(({ tag }) => tag === KEY_IDENTIFIER)?.content;
  });
}

/** The GeneralNames of the certificate (RFC 5280 §4.2.1.6), as they stand. @throws VerificationError CERTIFICATE_MALFORMED */
export function readSubjectAltNames(certificate: Certificate): readonly DerValue[] {
  const names = (value: DerValue) => childrenOf(expectTag(value, DER.sequence, 'names'));
  return read(certificate, EXTENSION.subjectAltName, names) ?? [];
}

const KEY_IDENTIFIER = 0x80;

function constraintsOf(value: DerValue): BasicConstraints {
  const parts = childrenOf(expectTag(value, DER.sequence, 'basic constraints'));
  const [first, second] = parts;
  // As with `critical`: some authorities write out the default, FALSE.
  const said = first?.tag === DER.boolean;
  const ca = said && readBoolean(first);
  const length = said ? second : first;
  if (parts.length > (said ? 2 : 1)) throw new DerError('more than two basic constraints');
  return length === undefined ? { ca } : { ca, pathLength: readSmallInteger(length) };
}

function read<T>(certificate: Certificate, id: string, how: (value: DerValue) => T): T | undefined {
  const extension = certificate.extensions.get(id);
  return extension && readingCertificate(() => how(wrappedIn(extension.value)));
}
