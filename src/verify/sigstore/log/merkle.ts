// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import type { InclusionProof } from '../log-entry.ts';
import { invalidEntry } from './refusal.ts';
import { safeInteger } from './safe-integer.ts';

const HASH_BYTES = 32;

/**
 * Demands that the bytes are the leaf at the proof's index, in the tree that has the proof's size and root (RFC 9162
 * §2.1.3.2). The path must be exactly as long as index and size make it. Who vouches for the root is not asked here.
 *
 * Attacker input.
 *
 * @throws VerificationError LOG_ENTRY_INVALID
 */
export function demandInclusion(leaf: Uint8Array, proof: InclusionProof): void {
  const { rootHash, hashes } = proof;
  const treeSize = safeInteger(proof.treeSize);
  const index = safeInteger(proof.logIndex);
  if (index === undefined || treeSize === undefined || index >= treeSize) {
    throw invalidEntry(`its proof is for index ${proof.logIndex} of a tree of ${proof.treeSize} entries`);
  }
  if ([rootHash, ...hashes].some(({ length }) => length !== HASH_BYTES)) {
    throw invalidEntry('its proof has a hash that is not of 32 bytes');
  }
  const root = climb(hashLeaf(leaf), index, treeSize - 1, hashes);
  if (root === undefined) {
    throw invalidEntry(`its proof has ${hashes.length} hashes, which is not what index and size make it`);
  }
  if (root !== textOf(rootHash)) throw invalidEntry('its proof leads to another root hash than it names');
}

/**
 * From the leaf at `first` to the root of the tree whose last leaf is at `last`; `undefined` if the path has not that
 * length. Hashes are texts of one character per byte: a buffer for each takes Node four times as long, and the collector too.
 */
function climb(leaf: string, first: number, last: number, path: readonly Uint8Array[]): string | undefined {
  const pair = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  pair[0] = 0x01;
  let [node, at, end] = [leaf, first, last];
  for (const sibling of path) {
    if (end === 0) return undefined;
    const isRight = at % 2 === 1 || at === end;
    pair.set(sibling, isRight ? 1 : 1 + HASH_BYTES);
    pair.write(node, isRight ? 1 + HASH_BYTES : 1, 'latin1');
    node = hash('sha256', pair, 'binary');
    // The last node of an uneven level has no sibling there, and rises to where it has one.
    while (isRight && at % 2 === 0 && at !== 0) [at, end] = [at / 2, half(end)];
    [at, end] = [half(at), half(end)];
  }
  return end === 0 ? node : undefined;
}

function half(number: number): number {
  return Math.floor(number / 2);
}

function hashLeaf(leaf: Uint8Array): string {
  const prefixed = Buffer.allocUnsafe(1 + leaf.length);
  prefixed[0] = 0x00;
  prefixed.set(leaf, 1);
  return hash('sha256', prefixed, 'binary');
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
