// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject } from 'node:crypto';
import { VerificationError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { encodePem } from './der.ts';
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  expectTag,
  readBits,
  readBoolean,
  readDer,
  readInteger,
  readOid,
  readSmallInteger,
} from './read-der.ts';
import { readTime } from './read-time.ts';
import { sameBytes } from './same-bytes.ts';

/** One extension of a certificate; `value` is its OCTET STRING. */
type CertificateExtension = {
  /** Dotted. */
  readonly id: string;
  readonly critical: boolean;
  readonly value: DerValue;
  /** The whole extension. */
  readonly entry: DerValue;
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
  /** Made of `spki` when it is first asked for: @throws VerificationError CERTIFICATE_MALFORMED where that cannot be. */
  readonly publicKey: KeyObject;
  /** Dotted. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
};

/**
 * Reads the DER of a certificate strictly (RFC 5280 §4.1): version 3, nothing behind it, each extension once, one
 * signature algorithm named twice. What is refused costs no more than time in proportion to its bytes.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED, and LIMIT_EXCEEDED past {@link LIMITS}.certificateDerBytes
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > LIMITS.certificateDerBytes) {
    const most = `wanted at most ${LIMITS.certificateDerBytes}`;
    throw new VerificationError('LIMIT_EXCEEDED', `found a certificate of ${der.length} bytes, ${most}`);
  }
  return readingCertificate(() => certificateOf(der));
}

/**
 * What `read` gives; bytes that are not the DER it wants become an error with a code.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function readingCertificate<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new VerificationError('CERTIFICATE_MALFORMED', `the certificate cannot be read: ${error.message}`);
  }
}

function certificateOf(der: Uint8Array): Certificate {
  const [tbs, algorithm, signature, ...rest] = sequenceOf(readDer(der), 'a certificate');
  if (rest.length > 0) throw new DerError('more than three parts in a certificate');
  const { whole } = expectTag(tbs, DER.sequence, 'a TBSCertificate');
  const [version, serial, inner, issuer, validity, subject, spki, ...optional] = sequenceOf(tbs, 'it');
  checkVersion(version);
  // RFC 5280 §4.1.1.2: both must be equal; only the inner one is signed.
  if (!sameBytes(inner?.whole, algorithm?.whole)) throw new DerError('two signature algorithms');
  const [notBefore, notAfter, ...times] = sequenceOf(validity, 'a validity');
  if (times.length > 0) throw new DerError('more than two times in a validity');
  const key = expectTag(spki, DER.sequence, 'a public key').whole;
  return withKey(key, {
    der,
    tbs: whole,
    serial: readInteger(serial),
    issuer: expectTag(issuer, DER.sequence, 'an issuer').whole,
    subject: expectTag(subject, DER.sequence, 'a subject').whole,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    signatureAlgorithm: readOid(sequenceOf(algorithm, 'an algorithm')[0]),
    signature: readBits(signature),
    extensions: extensionsOf(optional),
  });
}

/** Making a key costs as much as reading the certificate, and not every certificate's key is asked for. */
function withKey(spki: Uint8Array, rest: Omit<Certificate, 'spki' | 'publicKey'>): Certificate {
  let made: KeyObject | undefined;
  return Object.freeze({
    ...rest,
    spki,
    get publicKey(): KeyObject {
      made ??= keyOf(spki);
      return made;
    },
  });
}

/** As PEM, since Node takes twice as long with DER: it tries whether the options are a key, and catches what that throws. */
function keyOf(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey(encodePem('PUBLIC KEY', spki));
  } catch (error) {
    const message = 'found a public key in the certificate that cannot be read';
    throw new VerificationError('CERTIFICATE_MALFORMED', message, { cause: error });
  }
}

function checkVersion(version: DerValue | undefined): void {
  const [number, ...rest] = childrenOf(expectTag(version, VERSION, 'a version'));
  if (rest.length > 0 || readSmallInteger(number) !== 2) throw new DerError('a version other than 3');
}

/** RFC 5280 §4.1.2.8: the unique identifiers that could stand before the extensions are in no certificate of today. */
function extensionsOf([value, ...rest]: readonly DerValue[]): ReadonlyMap<string, CertificateExtension> {
  const extensions = new Map<string, CertificateExtension>();
  if (value === undefined) return extensions;
  const [list, ...others] = childrenOf(expectTag(value, EXTENSIONS, 'extensions'));
  if (rest.length > 0 || others.length > 0) throw new DerError('something behind the extensions');
  const entries = sequenceOf(list, 'extensions');
  if (entries.length > LIMITS.certificateExtensions) throw new DerError('too many extensions');
  for (const entry of entries) {
    const extension = extensionOf(entry);
    if (extensions.has(extension.id)) throw new DerError(`extension ${extension.id} twice`);
    extensions.set(extension.id, extension);
  }
  return extensions;
}

function extensionOf(entry: DerValue): CertificateExtension {
  const parts = sequenceOf(entry, 'an extension');
  const [id, second] = parts;
  // Some authorities write out the default, FALSE; all readers take it.
  const critical = second?.tag === DER.boolean;
  if (parts.length !== (critical ? 3 : 2)) throw new DerError('an extension of other parts');
  return {
    id: readOid(id),
    critical: critical && readBoolean(second),
    value: expectTag(parts.at(-1), DER.octetString, 'the value of an extension'),
    entry,
  };
}

function sequenceOf(value: DerValue | undefined, what: string): readonly DerValue[] {
  return childrenOf(expectTag(value, DER.sequence, what));
}

const VERSION = 0xa0;
/** What stands around the extensions of a TBSCertificate. */
export const EXTENSIONS = 0xa3;
