// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import type { KeySigner, VerificationKey } from '../policy/index.ts';
import { type Algorithm, algorithmsOf } from './algorithms.ts';
import { hasWindow, isInWindow } from './key-window.ts';

/** What was signed: content, or content of which only this digest is known. */
export type Signed =
  | { readonly kind: 'content'; readonly content: Uint8Array }
  | { readonly kind: 'digest'; readonly hash: 'sha256' | 'sha512'; readonly digest: Uint8Array };

/**
 * The key that made a signature, and how; `times` (ms since the epoch) are the proven ones that its window was held
 * against, or that the signer demands.
 */
export type KeyProof = {
  readonly key: VerificationKey;
  readonly algorithm: string;
  readonly times: readonly number[];
};

/**
 * The key of the signer that made the signature. Any key will do; one whose window holds `now` comes before
 * one whose window does not, so that a rotated key never hides its successor. A window is held against every time
 * that `provenTimes` gives, and against `now` where it gives none.
 *
 * @throws VerificationError KEY_EXPIRED, KEY_NOT_YET_VALID when only a key outside its window made it;
 *   ALGORITHM_UNSUPPORTED when no key could have; else SIGNATURE_INVALID
 */
export function verifyByKeys(
  signer: KeySigner,
  now: number,
  signed: Signed,
  signature: Uint8Array,
  provenTimes: (key: VerificationKey) => readonly number[] = () => [],
): KeyProof {
  let untimely: VerificationError | undefined;
  for (const key of likeliestFirst(signer.keys, now)) {
    const proof = findSigningKey([key], signed, signature);
    if (proof === undefined) continue;
    const times = hasWindow(key) ? provenTimes(key) : [];
    const outside = (times.length > 0 ? times : [now]).find((time) => !isInWindow(key, time));
    if (outside === undefined) return { ...proof, times };
    untimely ??= outsideWindow(key, outside);
  }
  throw untimely ?? notSigned(signer, signed);
}

/** The first of the keys that made the signature, its window apart. */
export function findSigningKey(
  keys: readonly VerificationKey[],
  signed: Signed,
  signature: Uint8Array,
): Omit<KeyProof, 'times'> | undefined {
  for (const key of keys) {
    const algorithm = findAlgorithm(key, signed, signature);
    if (algorithm !== undefined) return { key, algorithm: algorithm.name };
  }
  return undefined;
}

function likeliestFirst(keys: readonly VerificationKey[], now: number): readonly VerificationKey[] {
  if (keys.every((key) => isInWindow(key, now))) return keys;
  return [...keys.filter((key) => isInWindow(key, now)), ...keys.filter((key) => !isInWindow(key, now))];
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

function outsideWindow(key: VerificationKey, time: number): VerificationError {
  if (key.notAfter !== undefined && time > key.notAfter) {
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
