// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import { readSubjectAltNames } from '../../../certificate/extensions.ts';
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  expectTag,
  readOid,
  wrappedIn,
} from '../../../certificate/read-der.ts';
import { type Certificate, readingCertificate } from '../../../certificate/x509.ts';
import { VerificationError } from '../../../errors.ts';
import { LIMITS } from '../../../limits.ts';
import {
  type CertificateIdentity,
  CLAIMS,
  type ClaimName,
  type SubjectKind,
} from '../../../policy/certificate-identity.ts';

/** Fulcio's extensions stand below this arc, and so does the name that it puts in an otherName. */
const FULCIO = '1.3.6.1.4.1.57264.1';
const FULCIO_NAME = `${FULCIO}.7`;
/** Up to here extensions hold the text itself, behind it a DER UTF8String. */
const LAST_RAW_CLAIM = 6;

/** The kinds of GeneralName (RFC 5280 §4.2.1.6) that can be a subject, by their tags, the preferred one first. */
const KINDS: ReadonlyMap<number, SubjectKind> = new Map([
  [0x86, 'uri'],
  [0x81, 'email'],
  [0xa0, 'otherName'],
  [0x82, 'dns'],
]);

type Subject = CertificateIdentity['subject'];

/**
 * Who the certificate says its holder is, and what else its authority vouches for. Names of other kinds (addresses,
 * directory names, other otherNames) say nothing. Two different names of the preferred kind, or two different
 * issuers, leave open who it is and are refused.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED, and LIMIT_EXCEEDED past {@link LIMITS}.subjectAltNames
 * and {@link LIMITS}.identityBytes
 */
export function readIdentity(leaf: Certificate): CertificateIdentity {
  const names = readSubjectAltNames(leaf);
  if (names.length > LIMITS.subjectAltNames) {
    throw new VerificationError('LIMIT_EXCEEDED', `found ${names.length} names in a certificate`);
  }
  return readingCertificate(() => ({
    issuer: issuerOf(leaf),
    subject: preferred(names.flatMap(subjectOf)),
    claims: claimsOf(leaf),
  }));
}

function preferred(subjects: readonly Subject[]): Subject {
  for (const kind of KINDS.values()) {
    const [first, ...others] = subjects.filter((subject) => subject.kind === kind);
    if (first === undefined) continue;
    if (others.some(({ value }) => value !== first.value))
      throw new DerError(`two names of the kind ${kind}`);
    return first;
  }
  throw new DerError('no name of a kind that can be an identity');
}

function subjectOf(name: DerValue): readonly Subject[] {
  const kind = KINDS.get(name.tag);
  if (kind === undefined) return [];
  const value = kind === 'otherName' ? otherNameOf(name) : asciiOf(name.content);
  return value === undefined ? [] : [{ kind, value }];
}

/** RFC 5280 §4.2.1.6: an identifier and, explicitly tagged 0, the value. */
function otherNameOf(name: DerValue): string | undefined {
  const [id, tagged, ...rest] = childrenOf(name);
  if (readOid(id) !== FULCIO_NAME) return undefined;
  const [value, ...others] = childrenOf(expectTag(tagged, 0xa0, 'the value of an otherName'));
  if (rest.length > 0 || others.length > 0) throw new DerError('more than one value in an otherName');
  return plain(utf8Of(expectTag(value, DER.utf8String, 'a UTF8String').content));
}

/** The newer extension, else the older one; where both are there they must agree. */
function issuerOf(leaf: Certificate): string {
  const old = claimText(leaf, OLD_ISSUER);
  const issuer = claimText(leaf, ISSUER);
  if (old !== undefined && issuer !== undefined && old !== issuer) throw new DerError('two issuers');
  return plain(issuer ?? old ?? '', true);
}

function claimsOf(leaf: Certificate): CertificateIdentity['claims'] {
  const claims: Partial<Record<ClaimName, string>> = {};
  for (const [name, extension] of CLAIM_EXTENSIONS) {
    const text = claimText(leaf, extension);
    if (text !== undefined) claims[name] = text;
  }
  return claims;
}

/** An extension of Fulcio that says something in words. */
type ClaimExtension = { readonly id: string; readonly isRaw: boolean };

function claimText({ extensions }: Certificate, { id, isRaw }: ClaimExtension): string | undefined {
  const extension = extensions.get(id);
  if (extension === undefined) return undefined;
  const value = isRaw
    ? extension.value
    : expectTag(wrappedIn(extension.value), DER.utf8String, 'a UTF8String');
  return utf8Of(value.content);
}

function claimExtension(arc: number): ClaimExtension {
  return { id: `${FULCIO}.${arc}`, isRaw: arc <= LAST_RAW_CLAIM };
}

const OLD_ISSUER = claimExtension(1);
const ISSUER = claimExtension(8);
/** Their identifiers are put together once, not for each certificate. */
const CLAIM_EXTENSIONS = (Object.entries(CLAIMS) as readonly [ClaimName, number][]).map(
  ([name, arc]) => [name, claimExtension(arc)] as const,
);

/** The bytes of an IA5String that holds a name: printable ASCII. */
function asciiOf(bytes: Uint8Array): string {
  boundText(bytes);
  if (bytes.some((byte) => byte > 0x7e)) throw new DerError('a name that is not ASCII');
  return plain(viewOf(bytes).toString('latin1'));
}

/** A NUL, or anything else that does not show, has cut names short for others. */
function plain(text: string, mayBeEmpty = false): string {
  if (/\p{Cc}/u.test(text)) throw new DerError('a name with control characters');
  if (text === '' && !mayBeEmpty) throw new DerError('an empty name');
  return text;
}

/** Whoever verifies holds patterns against it. */
function boundText({ length }: Uint8Array): void {
  if (length <= LIMITS.identityBytes) return;
  const most = `wanted at most ${LIMITS.identityBytes}`;
  throw new VerificationError(
    'LIMIT_EXCEEDED',
    `found a name or claim of ${length} bytes in a certificate, ${most}`,
  );
}

function utf8Of(bytes: Uint8Array): string {
  boundText(bytes);
  if (!isUtf8(bytes)) throw new DerError('text that is not UTF-8');
  return viewOf(bytes).toString('utf8');
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
