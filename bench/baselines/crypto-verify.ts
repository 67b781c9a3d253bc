// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, verify } from 'node:crypto';

/** Nothing but the cryptography: one P-256 signature over one payload, with a key that is there already. */
export function bareVerify(payload: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  return verify('sha256', payload, key, signature);
}
