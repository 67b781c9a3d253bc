// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { KeySigner, Signer, VerificationKey } from '../../src/policy/index.ts';

/** A signer known by these keys, of which nothing else is demanded unless it is said. */
export function keySigner(
  name: string,
  keys: readonly VerificationKey[] = [],
  options: Partial<KeySigner> = {},
): KeySigner {
  const demands = { logEntries: 0, timestamps: 0, scts: 0, unsafeNoTime: false };
  return { kind: 'key', name, keys, annotations: {}, trustRoot: 'default', demands, ...options };
}

/** The keys of a signer that is one by key; fails for any other. */
export function keysOf(signer: Signer | undefined): readonly VerificationKey[] {
  assert.equal(signer?.kind, 'key');
  return signer.keys;
}
