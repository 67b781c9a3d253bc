// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import type { KeySigner, VerificationKey } from '../policy/index.ts';
import { type Algorithm, algorithmsOf } from './algorithms.ts';
import { isInWindow } from './key-window.ts';

/** What was signed: content, or content of which only this digest is known. */
export type Signed =
  | { readonly kind: 'content'; readonly content: Uint8Array }
  | { readonly kind: 'digest'; readonly hash: 'sha256' | 'sha512'; readonly digest: Uint8Array };

/** The key that made a signature, and how. */
export type KeyProof = { readonly key: VerificationKey; readonly algorithm: string };

/**
 * The key of the signer that made the signature. Any key will do; one whose window holds `now` comes before
 * one whose window does not, so that a rotated key never hides its successor.
 *
 * @throws VerificationError KEY_EXPIRED, KEY_NOT_YET_VALID when only a key outside its window made it;
 *   ALGORITHM_UNSUPPORTED when no key could have; else SIGNATURE_INVALID
 */
export function verifyByKeys(
  signer: KeySigner,
  now: number,
  signed: Signed,
  signature: Uint8Array,
): KeyProof {
  const proof = findKey(signer.keys, (key) => isInWindow(key, now), signed, signature);
  if (proof !== undefined) return proof;
  const untimely = findKey(signer.keys, (key) => !isInWindow(key, now), signed, signature);
  throw untimely === undefined ? notSigned(signer, signed) : outsideWindow(untimely.key, now);
}

function findKey(
  keys: readonly VerificationKey[],
  isWanted: (key: VerificationKey) => boolean,
  signed: Signed,
  signature: Uint8Array,
): KeyProof | undefined {
  for (const key of keys) {
    const algorithm = isWanted(key) ? findAlgorithm(key, signed, signature) : undefined;
    if (algorithm !== undefined) return { key, algorithm: algorithm.name };
  }
  return undefined;
}

function findAlgorithm(key: VerificationKey, signed: Signed, signature: Uint8Array): Algorithm | undefined {
  return applicable(key, signed).find((algorithm) =>
    signed.kind === 'content'
      ? algorithm.verify(signed.content, signature, key.key)
      : algorithm.verifyDigest?.(signed.digest, signature, key.key),
  );
}

function applicable(key: VerificationKey, signed: Signed): readonly Algorithm[] {
  const algorithms = algorithmsOf(key);
  if (signed.kind === 'content') return algorithms;
  return algorithms.filter((algorithm) => algorithm.verifyDigest && algorithm.hash === signed.hash);
}

function notSigned(signer: KeySigner, signed: Signed): VerificationError {
  const able = signer.keys.some((key) => applicable(key, signed).length > 0);
  const over = signed.kind === 'content' ? 'this content' : `the ${signed.hash} digest of the image`;
  const keys = signer.keys.map(describeKey).join(', ');
  return able
    ? new VerificationError('SIGNATURE_INVALID', `not a signature over ${over} by ${signer.name}: ${keys}`)
    : new VerificationError(
        'ALGORITHM_UNSUPPORTED',
        `no algorithm for a signature over ${over} fits what the policy says of ${signer.name}: ${keys}`,
      );
}

function outsideWindow(key: VerificationKey, now: number): VerificationError {
  if (key.notAfter !== undefined && now > key.notAfter) {
    const until = new Date(key.notAfter).toISOString();
    return new VerificationError('KEY_EXPIRED', `signed with ${describeKey(key)}, trusted until ${until}`);
  }
  const from = new Date(key.notBefore ?? Number.NaN).toISOString();
  return new VerificationError(
    'KEY_NOT_YET_VALID',
    `signed with ${describeKey(key)}, trusted from ${from} on`,
  );
}

/** Enough of the fingerprint to find the key by, and where the policy has it from. */
function describeKey(key: VerificationKey): string {
  const hash = key.hash === undefined ? '' : `, hash ${key.hash}`;
  return `${key.source} (${key.fingerprint.slice(0, 'sha256:'.length + 16)}…${hash})`;
}
