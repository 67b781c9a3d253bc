// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';

/** An inclusion proof (RFC 6962 §2.1.1) with the root that it leads to. */
export type MerkleProof = {
  readonly index: bigint;
  readonly size: bigint;
  readonly hashes: readonly Buffer[];
  readonly root: Buffer;
};

/** A whole Merkle tree in memory: append costs a few hashes, a proof some log² n of them. */
export type MerkleTree = {
  readonly size: number;
  /** Adds an entry and proves it within the tree that it has become. */
  append(entry: Uint8Array): MerkleProof;
};

/** Makes a Merkle tree of `leaves` random entries. */
export function createMerkleTree(leaves = 0): MerkleTree {
  const levels: Buffer[][] = [[]];
  for (let count = 0; count < leaves; count += 1) push(levels, 0, randomBytes(32));
  const size = () => levels[0]?.length ?? 0;
  return {
    get size() {
      return size();
    },
    append(entry) {
      push(levels, 0, leafHash(entry));
      const [index, end] = [size() - 1, size()];
      const hashes = path(levels, index, 0, end);
      return { index: BigInt(index), size: BigInt(end), hashes, root: hashOf(levels, 0, end) };
    },
  };
}

/**
 * A proof within a tree of any size that exists only along the path of this one entry: all beside it is chance. So a
 * proof of thirty hashes needs no billion of leaves.
 */
export function proveInVirtualTree(entry: Uint8Array, index: bigint, size: bigint): MerkleProof {
  if (index < 0n || index >= size) throw new Error(`no entry ${index} in a tree of ${size}`);
  const { hash, hashes } = climb(entry, index, size);
  return { index, size, hashes, root: hash };
}

function climb(entry: Uint8Array, index: bigint, size: bigint): { hash: Buffer; hashes: Buffer[] } {
  if (size === 1n) return { hash: leafHash(entry), hashes: [] };
  const left = 1n << BigInt((size - 1n).toString(2).length - 1);
  const sibling = randomBytes(32);
  const isLeft = index < left;
  const below = isLeft ? climb(entry, index, left) : climb(entry, index - left, size - left);
  const hash = isLeft ? nodeHash(below.hash, sibling) : nodeHash(sibling, below.hash);
  return { hash, hashes: [...below.hashes, sibling] };
}

/** Level k holds the hashes of the full subtrees of 2^k leaves. */
function push(levels: Buffer[][], level: number, hash: Buffer): void {
  levels[level] ??= [];
  const row = levels[level];
  row.push(hash);
  const [left, right] = row.slice(-2);
  if (row.length % 2 === 0 && left && right) push(levels, level + 1, nodeHash(left, right));
}

function hashOf(levels: readonly Buffer[][], from: number, to: number): Buffer {
  const count = to - from;
  const level = Math.log2(count);
  const kept = Number.isInteger(level) ? levels[level]?.[from / count] : undefined;
  if (kept) return kept;
  const middle = from + split(count);
  return nodeHash(hashOf(levels, from, middle), hashOf(levels, middle, to));
}

function path(levels: readonly Buffer[][], index: number, from: number, to: number): Buffer[] {
  if (to - from === 1) return [];
  const middle = from + split(to - from);
  return index < middle
    ? [...path(levels, index, from, middle), hashOf(levels, middle, to)]
    : [...path(levels, index, middle, to), hashOf(levels, from, middle)];
}

/** The largest power of two smaller than the count. */
function split(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(entry).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}
