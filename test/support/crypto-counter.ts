// SPDX-License-Identifier: Apache-2.0
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';

/** How often keys were made and signatures verified while it ran. */
export type CryptoCount = { readonly verified: number; readonly keys: number };

/** Counts the cryptography that the work does: clocks differ, this does not. */
export async function countCrypto(work: () => unknown): Promise<CryptoCount> {
  const verify = mock.method(crypto, 'verify');
  const createPublicKey = mock.method(crypto, 'createPublicKey');
  syncBuiltinESMExports();
  try {
    await work();
    return { verified: verify.mock.callCount(), keys: createPublicKey.mock.callCount() };
  } finally {
    verify.mock.restore();
    createPublicKey.mock.restore();
    syncBuiltinESMExports();
  }
}
