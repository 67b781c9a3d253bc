// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  expectTag,
  readOid,
} from '../../../certificate/read-der.ts';
import { readDigestAlgorithm } from './digest-algorithm.ts';
import { TST_INFO } from './response.ts';

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';

/** What the signature of a timestamp covers besides the attributes' own bytes. */
export type SignedAttributes = {
  /** The digest of the content, by the digest algorithm of the signature. */
  readonly messageDigest: Uint8Array;
  /** Whether the attributes name this certificate (DER) as the signer's, or none. */
  readonly allowCertificate: (der: Uint8Array) => boolean;
};

/**
 * Reads the signed attributes (RFC 5652 §5.3, §11): the content type must be TSTInfo, the message digest must
 * be there, and no attribute may be there twice.
 *
 * @throws DerError
 */
export function readAttributes(attributes: DerValue): SignedAttributes {
  const values = new Map<string, DerValue>();
  for (const attribute of childrenOf(attributes)) {
    const [type, set, ...rest] = childrenOf(expectTag(attribute, DER.sequence, 'an attribute'));
    const id = readOid(type);
    const [value, ...more] = childrenOf(expectTag(set, DER.set, 'the value of an attribute'));
    if (value === undefined || more.length + rest.length > 0)
      throw new DerError(`attribute ${id} without one value`);
    if (values.has(id)) throw new DerError(`attribute ${id} twice`);
    values.set(id, value);
  }
  if (readOid(values.get(CONTENT_TYPE)) !== TST_INFO)
    throw new DerError('the signed content type is not TSTInfo');
  const { content } = expectTag(values.get(MESSAGE_DIGEST), DER.octetString, 'a message digest');
  const named = [
    ...namedBy(values.get(SIGNING_CERTIFICATE), readFirstVersion),
    ...namedBy(values.get(SIGNING_CERTIFICATE_V2), readSecondVersion),
  ];
  return { messageDigest: content, allowCertificate: (der) => named.every((isNamed) => isNamed(der)) };
}

type CertificateTest = (der: Uint8Array) => boolean;

/** The first of the certificates is the signer's (RFC 5035 §5.4.1); those after it are of its issuers. */
function namedBy(
  value: DerValue | undefined,
  read: (id: readonly DerValue[]) => CertificateTest,
): CertificateTest[] {
  if (value === undefined) return [];
  const [certificates] = childrenOf(expectTag(value, DER.sequence, 'a signing certificate'));
  const [first] = childrenOf(expectTag(certificates, DER.sequence, 'signing certificates'));
  return [read(childrenOf(expectTag(first, DER.sequence, 'the id of a certificate')))];
}

/**
 * RFC 2634 §5.4.1 knows SHA-1 only. It can name a wrong certificate and so refuse, but admits nothing: which
 * certificates may sign is said by the trust root.
 */
function readFirstVersion([hash]: readonly DerValue[]): CertificateTest {
  return hashes('sha1', hash);
}

/** RFC 5035 §4: the algorithm is left out where it is SHA-256. */
function readSecondVersion([first, second]: readonly DerValue[]): CertificateTest {
  if (first?.tag === DER.octetString) return hashes('sha256', first);
  return hashes(readDigestAlgorithm(first), second);
}

function hashes(algorithm: string, hash: DerValue | undefined): CertificateTest {
  const { content } = expectTag(hash, DER.octetString, 'the hash of a certificate');
  return (der) => createHash(algorithm).update(der).digest().equals(content);
}
