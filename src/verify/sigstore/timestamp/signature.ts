// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, verify } from 'node:crypto';
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  readOid,
  readSmallInteger,
} from '../../../certificate/read-der.ts';
import { isStrongKey } from '../../../certificate/strong-key.ts';
import type { DigestName } from '../../digest-name.ts';
import { readDigestAlgorithm } from './digest-algorithm.ts';
import type { SignerInfo } from './response.ts';

/** Whether the signature is the key's, over the content. */
type Check = (content: Uint8Array, signature: Uint8Array, key: KeyObject) => boolean;

type Scheme = {
  readonly keyType: string;
  /** The hash that the algorithm names; absent: the digest of the signature does for it. */
  readonly hash?: DigestName;
  readonly check: (digest: DigestName, parameters: DerValue | undefined) => Check;
};

const MGF1 = '1.2.840.113549.1.1.8';
const DIGEST_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;

const ecdsa = (hash: DigestName): Scheme => ({
  keyType: 'ec',
  hash,
  check: (digest, parameters) => {
    refuseParameters(parameters);
    return (content, signature, key) => verify(digest, content, key, signature);
  },
});

const rsa = (hash?: DigestName): Scheme => ({
  keyType: 'rsa',
  ...(hash && { hash }),
  check: (digest, parameters) => {
    if (parameters?.tag !== DER.null || parameters.content.length > 0) refuseParameters(parameters);
    const padding = constants.RSA_PKCS1_PADDING;
    return (content, signature, key) => verify(digest, content, { key, padding }, signature);
  },
});

const rsaPss: Scheme = {
  keyType: 'rsa',
  check: (digest, parameters) => {
    demandPssParameters(digest, parameters);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const saltLength = DIGEST_BYTES[digest];
    return (content, signature, key) => verify(digest, content, { key, padding, saltLength }, signature);
  },
};

const ed25519: Scheme = {
  keyType: 'ed25519',
  check: (_, parameters) => {
    refuseParameters(parameters);
    return (content, signature, key) => verify(null, content, key, signature);
  },
};

/** RFC 5754 §3, RFC 4056, RFC 8419: none of these with SHA-1. */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.10045.4.3.2': ecdsa('sha256'),
  '1.2.840.10045.4.3.3': ecdsa('sha384'),
  '1.2.840.10045.4.3.4': ecdsa('sha512'),
  '1.2.840.113549.1.1.1': rsa(),
  '1.2.840.113549.1.1.11': rsa('sha256'),
  '1.2.840.113549.1.1.12': rsa('sha384'),
  '1.2.840.113549.1.1.13': rsa('sha512'),
  '1.2.840.113549.1.1.10': rsaPss,
  '1.3.101.112': ed25519,
};

/**
 * Whether the key signed the attributes of a timestamp (RFC 5652 §5.4): they are hashed as the SET OF that
 * they are, not under the tag that they have in the token.
 *
 * @throws DerError for an algorithm that is not known, or does not go with the digest of the signature
 */
export function isSignedBy(
  { algorithm, digest, attributes, signature }: SignerInfo,
  key: KeyObject,
): boolean {
  const [id, parameters, ...rest] = childrenOf(algorithm);
  const oid = readOid(id);
  const scheme = SCHEMES[oid];
  if (scheme === undefined) throw new DerError(`signature algorithm ${oid}, which is not supported`);
  if (scheme.hash !== undefined && scheme.hash !== digest)
    throw new DerError(`a signature algorithm with ${scheme.hash} beside the digest ${digest}`);
  if (rest.length > 0) throw new DerError('values follow the signature algorithm');
  const check = scheme.check(digest, parameters);
  if (!isStrongKey(key, scheme.keyType)) return false;
  const signed = Buffer.from(attributes.whole);
  signed[0] = DER.set;
  return check(signed, signature, key);
}

function refuseParameters(parameters: DerValue | undefined): void {
  if (parameters !== undefined)
    throw new DerError('a signature algorithm with parameters that it does not have');
}

/** RFC 4055 §3.1, in the one form that makes sense: every hash the digest's, a salt of its length. */
function demandPssParameters(digest: DigestName, parameters: DerValue | undefined): void {
  const [hash, mask, salt, ...rest] = parameters === undefined ? [] : childrenOf(parameters);
  const [maskId, maskHash] = mask === undefined ? [] : childrenOf(explicitIn(mask, 1));
  const fits =
    readDigestAlgorithm(explicitIn(hash, 0)) === digest &&
    readOid(maskId) === MGF1 &&
    readDigestAlgorithm(maskHash) === digest &&
    readSmallInteger(explicitIn(salt, 2)) === DIGEST_BYTES[digest] &&
    rest.length === 0;
  if (!fits) throw new DerError(`RSA-PSS with parameters that do not go with ${digest}`);
}

function explicitIn(value: DerValue | undefined, number: number): DerValue {
  if (value?.tag !== (0xa0 | number)) throw new DerError('RSA-PSS without its parameters');
  const [inner, ...rest] = childrenOf(value);
  if (inner === undefined || rest.length > 0) throw new DerError('RSA-PSS with parameters that are none');
  return inner;
}
