// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, publicDecrypt } from 'node:crypto';
import type { HashName } from '../policy/index.ts';

/** RFC 8017 §9.2, note 1: what stands before the digest in DigestInfo. */
const DIGEST_INFO: Readonly<Partial<Record<HashName, Buffer>>> = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
};

/**
 * Whether the signature is RSASSA-PKCS1-v1_5 by the key over the digest, which is not hashed again:
 * node:crypto verifies over content only.
 *
 * RFC 8017 §8.2.2: the one valid encoded message is built and compared as a whole. The signature's is never
 * parsed, which is where forgeries (Bleichenbacher 2006) come in.
 */
export function verifyPkcs1Digest(
  hash: HashName,
  digest: Uint8Array,
  signature: Uint8Array,
  key: KeyObject,
): boolean {
  const expected = encodeMessage(hash, digest, Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8));
  return expected?.equals(decodeMessage(signature, key)) ?? false;
}

/** EMSA-PKCS1-v1_5: `00 01 FF … FF 00 DigestInfo digest`. */
function encodeMessage(hash: HashName, digest: Uint8Array, length: number): Buffer | undefined {
  const info = DIGEST_INFO[hash];
  if (info === undefined) return undefined;
  const tail = Buffer.concat([Buffer.of(0x00), info, digest]);
  const padding = Buffer.alloc(length - tail.length - 2, 0xff);
  return Buffer.concat([Buffer.of(0x00, 0x01), padding, tail]);
}

function decodeMessage(signature: Uint8Array, key: KeyObject): Buffer {
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    // Not as long as the modulus, or not smaller than it: no signature, and equal to nothing.
    return Buffer.alloc(0);
  }
}
