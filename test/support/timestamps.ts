// SPDX-License-Identifier: Apache-2.0
import { createHash, sign } from 'node:crypto';
import { explicit, integer, octetString, oid, sequence, set } from '../../src/certificate/der.ts';
import type { DigestName } from '../../src/verify/digest-name.ts';
import { type Holder, holderOf, purposes, TIME_STAMPING } from './authorities.ts';

/** Parts of a constructed value, before they are put together. */
type Change = (parts: Buffer[]) => Buffer[];

export type TimestampParts = {
  readonly signed: Uint8Array;
  readonly signer: Holder;
  /** GeneralizedTime. */
  readonly time?: string;
  /** Of what was stamped. */
  readonly imprint?: DigestName;
  /** Of the signature. */
  readonly digest?: DigestName;
  /** Default: the signer's. */
  readonly certificates?: readonly Uint8Array[];
  /** AlgorithmIdentifier of the signature; default: ECDSA with the digest. */
  readonly algorithm?: Buffer;
  readonly sign?: (attributes: Buffer) => Buffer;
  readonly info?: Change;
  readonly attributes?: Change;
  readonly signerInfo?: Change;
  readonly signedData?: Change;
  readonly response?: Change;
};

export const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const DIGESTS = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;
const ECDSA = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
} as const;

const digestBy = (name: string, bytes: Uint8Array) => createHash(name).update(bytes).digest();
export const small = (value: number) => integer(Buffer.of(value));
export const digestAlgorithm = (name: DigestName) => sequence(oid(DIGESTS[name]));
export const attribute = (id: string, ...values: readonly Buffer[]) => sequence(oid(id), set(...values));
/** The value under another tag. */
export const retag = (tag: number, value: Buffer) => Buffer.concat([Buffer.of(tag), value.subarray(1)]);
export const generalizedTime = (text: string) => retag(0x18, octetString(Buffer.from(text)));

/** Attributes that name the certificate: RFC 5035 (SHA-256), RFC 2634 (SHA-1). */
export const namesCertificate = (der: Uint8Array) =>
  attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(octetString(digestBy('sha256', der))))));
export const namesCertificateBySha1 = (der: Uint8Array) =>
  attribute('1.2.840.113549.1.9.16.2.12', sequence(sequence(sequence(octetString(digestBy('sha1', der))))));

/** A certificate that may sign timestamps. */
export function timestampSigner(issuer: Holder, parts: Parameters<typeof holderOf>[1] = {}): Holder {
  return holderOf('timestamps', { issuer, extensions: [purposes(true, TIME_STAMPING)], ...parts });
}

/** A TimeStampResp (RFC 3161 §2.4.2), right where nothing else is said. */
export function makeTimestamp(parts: TimestampParts): Buffer {
  const { signer, imprint = 'sha256', digest = 'sha256', certificates = [signer.der] } = parts;
  const info = changed(parts.info, [
    small(1),
    oid('1.2.3.4'),
    sequence(digestAlgorithm(imprint), octetString(digestBy(imprint, parts.signed))),
    small(7),
    generalizedTime(parts.time ?? '20260102030405Z'),
  ]);
  const attributes = set(
    ...(parts.attributes ?? same)([
      attribute('1.2.840.113549.1.9.3', oid(TST_INFO)),
      attribute('1.2.840.113549.1.9.4', octetString(digestBy(digest, info))),
      namesCertificate(signer.der),
    ]),
  );
  const { sign: signAttributes = (bytes) => sign(digest, bytes, signer.privateKey) } = parts;
  const signerInfo = changed(parts.signerInfo, [
    small(1),
    sequence(Buffer.from(signer.certificate.issuer), integer(signer.certificate.serial)),
    digestAlgorithm(digest),
    retag(0xa0, attributes),
    parts.algorithm ?? sequence(oid(ECDSA[digest])),
    octetString(signAttributes(attributes)),
  ]);
  const signedData = changed(parts.signedData, [
    small(3),
    set(digestAlgorithm(digest)),
    sequence(oid(TST_INFO), explicit(0, octetString(info))),
    ...(certificates.length === 0 ? [] : [explicit(0, ...certificates)]),
    set(signerInfo),
  ]);
  const token = sequence(oid('1.2.840.113549.1.7.2'), explicit(0, signedData));
  return changed(parts.response, [sequence(small(0)), token]);
}

const same: Change = (parts) => parts;
const changed = (change: Change = same, parts: Buffer[]): Buffer => sequence(...change(parts));

/** Puts a value in place of the one at an index. */
export const replace =
  (index: number, value: Buffer): Change =>
  (parts) =>
    parts.map((part, at) => (at === index ? value : part));

/** Puts a value behind the others. */
export const append =
  (...values: readonly Buffer[]): Change =>
  (parts) => [...parts, ...values];
