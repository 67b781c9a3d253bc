// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, verify } from 'node:crypto';
import type { HashName, VerificationKey } from '../policy/index.ts';
import { type NobleCurve, verifyEcdsaDigest, verifyEd25519ph } from './noble.ts';
import { verifyPkcs1Digest } from './pkcs1-digest.ts';

/** Whether the signature is the key's, over the content (or over the digest that is given). */
type Check = (content: Uint8Array, signature: Uint8Array, key: KeyObject) => boolean;

/**
 * One way in which a key may have signed. `name` is that of Sigstore's algorithm registry, or built like
 * it where the registry has none. `verifyDigest` is for content of which only the digest by `hash` is
 * known, and absent where that cannot be done: RSA-PSS and Ed25519.
 */
export type Algorithm = {
  readonly name: string;
  readonly hash?: HashName;
  readonly verify: Check;
  readonly verifyDigest?: Check;
};

/** The algorithms of a kind of key, the likeliest first; `hash` is what the policy says, if it does. */
type KeyKind = (hash: HashName | undefined, key: KeyObject) => readonly Algorithm[];

/**
 * The one table. Without a `hash` in the policy a key has those of its kind: for the larger curves their
 * own and SHA-256 beside it, since cosign signs with the first and verifies with the second.
 *
 * Neither format says whether an Ed25519 signature is pure or prehashed, so both are taken; `hash: sha512`
 * names the prehash and leaves Ed25519ph only.
 */
const KEY_KINDS: Readonly<Record<string, KeyKind>> = {
  'ec prime256v1': (hash) => either(hash, ['sha256']).map((one) => ecdsa(one, 'nistp256', 'p256')),
  'ec secp384r1': (hash) => either(hash, ['sha384', 'sha256']).map((one) => ecdsa(one, 'nistp384', 'p384')),
  'ec secp521r1': (hash) => either(hash, ['sha512', 'sha256']).map((one) => ecdsa(one, 'nistp521', 'p521')),
  rsa: (hash, key) => either(hash, ['sha256']).flatMap((one) => [rsaPkcs1(one, key), rsaPss(one, key)]),
  'rsa-pss': (hash, key) => pssHashes(hash, key).map((one) => rsaPss(one, key)),
  ed25519: (hash) =>
    hash === undefined ? [ED25519, ED25519_PREHASHED] : hash === 'sha512' ? [ED25519_PREHASHED] : [],
};

const RSA_BITS = { least: 2048, most: 4096 };

const known = new WeakMap<VerificationKey, readonly Algorithm[]>();

/**
 * Every way in which the key may have signed; none where its kind or size is not supported, or the kind
 * does not go with the `hash` of the policy, which fixes the hash exactly.
 */
export function algorithmsOf(key: VerificationKey): readonly Algorithm[] {
  const found = known.get(key);
  if (found !== undefined) return found;
  const listed = KEY_KINDS[kindOf(key)]?.(key.hash, key.key) ?? [];
  known.set(key, listed);
  return listed;
}

function kindOf({ key, namedCurve: curve }: VerificationKey): string {
  if (curve !== undefined) return `ec ${curve}`;
  const { namedCurve = '', modulusLength } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && (modulusLength < RSA_BITS.least || modulusLength > RSA_BITS.most)) {
    return '';
  }
  return `${key.asymmetricKeyType} ${namedCurve}`.trim();
}

function either(hash: HashName | undefined, usual: readonly HashName[]): readonly HashName[] {
  return hash === undefined ? usual : [hash];
}

/** RFC 4055 §1.2: a key that is for RSA-PSS only may also say which hash it is for, and OpenSSL holds it to that. */
function pssHashes(hash: HashName | undefined, key: KeyObject): readonly HashName[] {
  const own = key.asymmetricKeyDetails?.hashAlgorithm;
  if (own === undefined) return either(hash, ['sha256']);
  return either(hash, HASHES).filter((name) => name === own);
}

const HASHES: readonly HashName[] = ['sha224', 'sha256', 'sha384', 'sha512'];

function ecdsa(hash: HashName, curve: string, noble: NobleCurve): Algorithm {
  return {
    name: `ecdsa-sha2-${hash.slice('sha'.length)}-${curve}`,
    hash,
    // OpenSSL takes DER only, in its one form: without trailing bytes or longer lengths.
    verify: (content, signature, key) => verify(hash, content, key, signature),
    verifyDigest: (digest, signature, key) => verifyEcdsaDigest(noble, digest, signature, key),
  };
}

function rsaPkcs1(hash: HashName, key: KeyObject): Algorithm {
  const padding = constants.RSA_PKCS1_PADDING;
  return {
    name: `rsa-sign-pkcs1-${key.asymmetricKeyDetails?.modulusLength}-${hash}`,
    hash,
    verify: (content, signature) => verify(hash, content, { key, padding }, signature),
    verifyDigest: (digest, signature) => verifyPkcs1Digest(hash, digest, signature, key),
  };
}

function rsaPss(hash: HashName, key: KeyObject): Algorithm {
  const options = {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_AUTO,
  };
  return {
    name: `rsa-sign-pss-${key.asymmetricKeyDetails?.modulusLength}-${hash}`,
    hash,
    verify: (content, signature) => verify(hash, content, options, signature),
  };
}

const ED25519: Algorithm = {
  name: 'ed25519',
  verify: (content, signature, key) => verify(null, content, key, signature),
};

const ED25519_PREHASHED: Algorithm = { name: 'ed25519-ph', hash: 'sha512', verify: verifyEd25519ph };
