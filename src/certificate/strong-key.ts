// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';

const CURVES: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1'];
/** Authorities have longer keys than those who sign, and each is used seldom. */
const RSA_BITS = { least: 2048, most: 8192 };

/** Whether an authority's key is of this kind (`ec`, `rsa`, `ed25519`), and one that proves something. */
export function isStrongKey(key: KeyObject, kind: string): boolean {
  if (key.asymmetricKeyType !== kind) return false;
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (kind === 'ec') return CURVES.includes(namedCurve);
  return kind !== 'rsa' || (modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most);
}
