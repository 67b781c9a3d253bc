// SPDX-License-Identifier: Apache-2.0
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  expectTag,
  readDer,
  readOid,
  readSmallInteger,
} from '../../../certificate/read-der.ts';
import { LIMITS } from '../../../limits.ts';
import type { DigestName } from '../../digest-name.ts';
import { readDigestAlgorithm } from './digest-algorithm.ts';

/** Which certificate a signature claims: by issuer and serial number, or by its subject key identifier. */
export type SignerName =
  | { readonly kind: 'serial'; readonly issuer: Uint8Array; readonly serial: Uint8Array }
  | { readonly kind: 'key'; readonly id: Uint8Array };

/** The one signature of a timestamp token (RFC 5652 §5.3). */
export type SignerInfo = {
  readonly signer: SignerName;
  readonly digest: DigestName;
  /** The signed attributes as they stand, without their tag. */
  readonly attributes: DerValue;
  /** The AlgorithmIdentifier of the signature. */
  readonly algorithm: DerValue;
  readonly signature: Uint8Array;
};

/** A timestamp token, taken apart; nothing of it is believed yet. */
export type TimestampToken = {
  /** The TSTInfo, DER: what is signed by way of the attributes. */
  readonly info: Uint8Array;
  /** Certificates, DER. */
  readonly certificates: readonly Uint8Array[];
  readonly signerInfo: SignerInfo;
};

const SIGNED_DATA = '1.2.840.113549.1.7.2';
/** The content type of timestamps, id-ct-TSTInfo. */
export const TST_INFO = '1.2.840.113549.1.9.16.1.4';

/**
 * RFC 5652 §5.1 asks for 3. Tokens of 2023 by the authority of GitHub's staging instance have 1; nobody signs the number, and
 * what is read of the two is the same.
 */
const VERSIONS: readonly number[] = [3, 1];

const CONTEXT_0 = 0xa0;
const CONTEXT_1 = 0xa1;
const KEY_ID = 0x80;
const GRANTED_WITH_MODS = 1;

/**
 * Takes a TimeStampResp apart (RFC 3161 §2.4.2, RFC 5652 §5), in DER. Unsigned attributes may be there and are not
 * looked at; lists of revoked certificates may not, as nothing here would heed them.
 *
 * @throws DerError for anything that is not a granted timestamp with one signature
 */
export function readResponse(der: Uint8Array): TimestampToken {
  const [status, token, ...rest] = childrenOf(expectTag(readDer(der), DER.sequence, 'a response'));
  demandGranted(expectTag(status, DER.sequence, 'a status'));
  if (rest.length > 0) throw new DerError('values follow the token');
  const [type, content, ...more] = childrenOf(expectTag(token, DER.sequence, 'a token'));
  if (readOid(type) !== SIGNED_DATA || more.length > 0) throw new DerError('the token is not signed data');
  return readSignedData(onlyChild(expectTag(content, CONTEXT_0, 'signed data')));
}

/** RFC 3161 §2.4.2: texts may follow the status; bits that say what failed go with a rejection only. */
function demandGranted(value: DerValue): void {
  const [code, texts, ...rest] = childrenOf(value);
  const status = readSmallInteger(code);
  if (status > GRANTED_WITH_MODS) throw new DerError(`a response of status ${status}, wanted 0 (granted)`);
  if (texts !== undefined) expectTag(texts, DER.sequence, 'texts of the status');
  if (rest.length > 0) throw new DerError('values follow the status');
}

function readSignedData(value: DerValue): TimestampToken {
  const [version, digests, encapsulated, ...rest] = childrenOf(expectTag(value, DER.sequence, 'signed data'));
  if (!VERSIONS.includes(readSmallInteger(version)))
    throw new DerError(`signed data of another version than ${VERSIONS.join(' or ')}`);
  const certificates = rest[0]?.tag === CONTEXT_0 ? rest.shift() : undefined;
  const signerInfo = readSignerInfo(onlyChild(expectTag(rest.shift(), DER.set, 'signatures')));
  if (rest.length > 0) throw new DerError('values follow the signatures');
  const announced = childrenOf(expectTag(digests, DER.set, 'digest algorithms')).map(readDigestAlgorithm);
  if (!announced.includes(signerInfo.digest))
    throw new DerError('the digest algorithm of the signature is not among those of the token');
  return {
    info: readContent(expectTag(encapsulated, DER.sequence, 'content')),
    certificates: certificates === undefined ? [] : readCertificates(certificates),
    signerInfo,
  };
}

function readContent(value: DerValue): Uint8Array {
  const [type, content, ...rest] = childrenOf(value);
  const found = readOid(type);
  if (found !== TST_INFO) throw new DerError(`content of type ${found}, wanted TSTInfo`);
  if (rest.length > 0) throw new DerError('values follow the content');
  return expectTag(onlyChild(expectTag(content, CONTEXT_0, 'content')), DER.octetString, 'TSTInfo').content;
}

function readCertificates(value: DerValue): readonly Uint8Array[] {
  const certificates = childrenOf(value);
  if (certificates.length > LIMITS.timestampCertificates)
    throw new DerError(
      `${certificates.length} certificates, at most ${LIMITS.timestampCertificates} are allowed`,
    );
  return certificates.map((one) => expectTag(one, DER.sequence, 'a certificate').whole);
}

function readSignerInfo(value: DerValue): SignerInfo {
  const parts = childrenOf(expectTag(value, DER.sequence, 'a signature'));
  const [version, signer, digest, attributes, algorithm, signature, unsigned, ...rest] = parts;
  const name = readSignerName(signer);
  if (readSmallInteger(version) !== (name.kind === 'key' ? 3 : 1))
    throw new DerError('a signature of a version that does not go with the name of its signer');
  if (unsigned !== undefined) expectTag(unsigned, CONTEXT_1, 'unsigned attributes');
  if (rest.length > 0) throw new DerError('values follow the signature');
  return {
    signer: name,
    digest: readDigestAlgorithm(digest),
    attributes: expectTag(attributes, CONTEXT_0, 'signed attributes'),
    algorithm: expectTag(algorithm, DER.sequence, 'a signature algorithm'),
    signature: expectTag(signature, DER.octetString, 'a signature').content,
  };
}

function readSignerName(value: DerValue | undefined): SignerName {
  if (value?.tag === KEY_ID) return { kind: 'key', id: value.content };
  const [issuer, serial, ...rest] = childrenOf(expectTag(value, DER.sequence, 'the name of a signer'));
  if (rest.length > 0) throw new DerError('values follow the name of the signer');
  return {
    kind: 'serial',
    issuer: expectTag(issuer, DER.sequence, 'an issuer').whole,
    serial: expectTag(serial, DER.integer, 'a serial number').content,
  };
}

function onlyChild(value: DerValue): DerValue {
  const [child, ...rest] = childrenOf(value);
  if (child === undefined || rest.length > 0)
    throw new DerError(`${rest.length === 0 ? 'no value' : 'several values'}, wanted one`);
  return child;
}
