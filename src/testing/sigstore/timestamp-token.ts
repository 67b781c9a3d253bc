// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import {
  explicit,
  generalizedTime,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
} from '../../certificate/der.ts';
import { signWith, type TestKey } from '../keys.ts';
import { signatureAlgorithm } from './x509.ts';

/** The hashes of timestamps; SHA-1 is there to be refused. */
type TimestampHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** What a timestamp says, and who signs it. */
export type TimestampContent = {
  /** The bytes that are stamped. */
  readonly stamped: Uint8Array;
  /** Milliseconds since the epoch; written in whole seconds, with `fraction` behind. */
  readonly time: number;
  /** Digits after the second. Default: none. */
  readonly fraction?: string;
  /** Of the message imprint. Default `sha256`. */
  readonly hash?: TimestampHash;
  readonly signer: {
    readonly key: TestKey;
    readonly certificate: Buffer;
    readonly issuer: Buffer;
    readonly serial: Buffer;
  };
  /** Certificates within the token. Default: none. */
  readonly certificates?: readonly Buffer[];
  /** PKIStatus. Default 0, granted. */
  readonly status?: number;
  /** Signed instead of the digest of the TSTInfo. */
  readonly messageDigest?: Buffer;
  /** Changes the signature. */
  readonly spoil?: (signature: Buffer) => Buffer;
};

const HASHES: Readonly<Record<TimestampHash, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const PKCS9 = '1.2.840.113549.1.9';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = `${PKCS9}.16.1.4`;
const POLICY = '1.3.6.1.4.1.57264.2';

/** A TimeStampResp (RFC 3161 §2.4.2), DER. */
export function makeTimestamp(content: TimestampContent): Buffer {
  const status = sequence(integer(Buffer.of(content.status ?? 0)));
  return sequence(status, sequence(oid(SIGNED_DATA), explicit(0, signedData(content))));
}

/** SignedData (RFC 5652 §5.1). */
function signedData(content: TimestampContent): Buffer {
  const info = tstInfo(content);
  const { certificates = [] } = content;
  return sequence(
    integer(Buffer.of(3)),
    set(hashAlgorithm('sha256')),
    sequence(oid(TST_INFO), explicit(0, octetString(info))),
    ...(certificates.length > 0 ? [explicit(0, ...certificates)] : []),
    set(signerInfo(content, info)),
  );
}

/** TSTInfo (RFC 3161 §2.4.2). */
function tstInfo({ stamped, time, fraction, hash = 'sha256' }: TimestampContent): Buffer {
  const imprint = createHash(hash).update(stamped).digest();
  return sequence(
    integer(Buffer.of(1)),
    oid(POLICY),
    sequence(hashAlgorithm(hash), octetString(imprint)),
    integer(randomBytes(16)),
    generalizedTime(new Date(time), fraction),
    sequence(integer(Buffer.of(1))), // accuracy: a second
    integer(randomBytes(8)), // nonce
  );
}

function signerInfo({ signer, messageDigest, spoil }: TimestampContent, info: Buffer): Buffer {
  const digest = messageDigest ?? sha256(info);
  const attributes = setOf([
    attribute(`${PKCS9}.3`, oid(TST_INFO)),
    attribute(`${PKCS9}.4`, octetString(digest)),
    attribute(`${PKCS9}.16.2.47`, sequence(sequence(sequence(octetString(sha256(signer.certificate)))))),
  ]);
  const signature = signWith(signer.key, set(...attributes), { hash: 'sha256' });
  return sequence(
    integer(Buffer.of(1)),
    sequence(signer.issuer, integer(signer.serial)),
    hashAlgorithm('sha256'),
    explicit(0, ...attributes),
    signatureAlgorithm(signer.key.kind),
    octetString(spoil ? spoil(signature) : signature),
  );
}

function attribute(type: string, value: Buffer): Buffer {
  return sequence(oid(type), set(value));
}

/** DER orders the members of a SET OF by their bytes (X.690 §11.6). */
function setOf(members: readonly Buffer[]): readonly Buffer[] {
  return [...members].sort(Buffer.compare);
}

function hashAlgorithm(hash: TimestampHash): Buffer {
  return sequence(oid(HASHES[hash]), nullValue());
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
