// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createMerkleTree, proveInVirtualTree } from '../../../src/testing/sigstore/merkle.ts';

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const ENTRIES = Array.from({ length: 70 }, (_, at) => Buffer.from(`entry ${at}`));

/** MTH of RFC 6962 §2.1, as it is written there. */
function rootOf(entries: readonly Buffer[]): Buffer {
  const [first] = entries;
  if (first === undefined) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), first);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return sha256(Buffer.of(1), rootOf(entries.slice(0, split)), rootOf(entries.slice(split)));
}

/** The verification of RFC 9162 §2.1.3.2. */
function climb(entry: Uint8Array, index: bigint, size: bigint, hashes: readonly Buffer[]): Buffer {
  let [at, last, hash] = [index, size - 1n, sha256(Buffer.of(0), entry)];
  for (const sibling of hashes) {
    assert.notEqual(last, 0n, 'the proof is too long');
    if (at & 1n || at === last) {
      hash = sha256(Buffer.of(1), sibling, hash);
      while (!(at & 1n) && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      hash = sha256(Buffer.of(1), hash, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  assert.equal(last, 0n, 'the proof is too short');
  return hash;
}

test('a tree has the root of RFC 6962 at every size, and its proofs lead there', () => {
  const tree = createMerkleTree();
  for (const [at, entry] of ENTRIES.entries()) {
    const { index, size, hashes, root } = tree.append(entry);
    assert.deepEqual([index, size, tree.size], [BigInt(at), BigInt(at + 1), at + 1]);
    assert.deepEqual(root, rootOf(ENTRIES.slice(0, at + 1)));
    assert.deepEqual(climb(entry, index, size, hashes), root);
  }
});

test('a proof in a tree that is not there leads to its root, wherever the entry stands', () => {
  const entry = Buffer.from('entry');
  for (let size = 1n; size <= 33n; size += 1n) {
    for (let index = 0n; index < size; index += 1n) {
      const proof = proveInVirtualTree(entry, index, size);
      assert.deepEqual(climb(entry, index, size, proof.hashes), proof.root);
    }
  }
  const deep = proveInVirtualTree(entry, 123_456_789n, 1n << 30n);
  assert.equal(deep.hashes.length, 30);
  assert.deepEqual(climb(entry, deep.index, deep.size, deep.hashes), deep.root);
  assert.throws(() => proveInVirtualTree(entry, 5n, 5n));
});
