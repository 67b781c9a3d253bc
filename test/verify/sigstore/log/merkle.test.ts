// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { demandInclusion } from '../../../../src/verify/sigstore/log/merkle.ts';
import type { InclusionProof } from '../../../../src/verify/sigstore/log-entry.ts';
import { merkleTree } from '../../../support/test-log.ts';

const LARGEST = 300;
const leaves = Array.from({ length: LARGEST }, (_, at) => Buffer.from(`leaf ${at}`));
const leaf = (index: number) => leaves[index] ?? Buffer.alloc(0);
const tree = merkleTree(leaves);
const invalid = { code: 'LOG_ENTRY_INVALID' };

const proofOf = (index: number, size: number): InclusionProof => ({
  logIndex: BigInt(index),
  treeSize: BigInt(size),
  rootHash: tree.root(size),
  hashes: tree.path(index, size),
  checkpoint: '',
});
const refuse = (proof: InclusionProof, bytes: Uint8Array, because: string) =>
  assert.throws(() => demandInclusion(bytes, proof), invalid, because);
const flipped = (bytes: Uint8Array) => Buffer.from(bytes).fill((bytes[7] ?? 0) ^ 0x10, 7, 8);

suite('inclusion in a tree', () => {
  test(`of every size up to ${LARGEST}, at every index`, () => {
    for (let size = 1; size <= LARGEST; size += 1) {
      for (let index = 0; index < size; index += 1) demandInclusion(leaf(index), proofOf(index, size));
    }
  });

  test('is refused at every other index, and for every other leaf', () => {
    for (let size = 2; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        for (let other = 0; other < size; other += 1) {
          if (other === index) continue;
          const proof = proofOf(index, size);
          refuse({ ...proof, logIndex: BigInt(other) }, leaf(index), `${index} as ${other} of ${size}`);
          refuse(proof, leaf(other), `leaf ${other} at ${index} of ${size}`);
        }
      }
    }
  });

  test('is refused with a hash too few, too many, changed, swapped or cut', () => {
    for (let size = 2; size <= 70; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = proofOf(index, size);
        const { hashes } = proof;
        const [first = Buffer.alloc(0), ...rest] = hashes;
        for (const [name, changed] of [
          ['without the first', rest],
          ['without the last', hashes.slice(0, -1)],
          ['with one more', [...hashes, first]],
          ['with one before', [first, ...hashes]],
          ['with the first changed', [flipped(first), ...rest]],
          ['with the last changed', [...hashes.slice(0, -1), flipped(hashes.at(-1) ?? first)]],
          ['with the first cut', [first.subarray(1), ...rest]],
          ...(hashes.length > 1 ? ([['in reverse', hashes.toReversed()]] as const) : []),
        ] as const) {
          refuse({ ...proof, hashes: changed }, leaf(index), `${name}: ${index} of ${size}`);
        }
      }
    }
  });

  for (const [name, change] of [
    ['another root', { rootHash: tree.root(12) }],
    ['a root that is cut', { rootHash: tree.root(11).subarray(1) }],
    ['no root', { rootHash: new Uint8Array() }],
    ['an index that is the size', { logIndex: 11n }],
    ['a negative index', { logIndex: -1n }],
    ['an index past 2^53', { logIndex: 2n ** 53n, treeSize: 2n ** 62n }],
    ['no tree', { treeSize: 0n }],
    ['a negative tree', { treeSize: -11n }],
    ['a tree that needs a longer path', { treeSize: 2n ** 40n }],
    ['a tree that needs a shorter path', { treeSize: 6n }],
  ] as const) {
    test(`is refused with ${name}`, () => refuse({ ...proofOf(5, 11), ...change }, leaf(5), name));
  }

  test('a node is not taken for a leaf: their hashes begin differently', () => {
    const node = Buffer.concat([tree.root(1), merkleTree([leaf(1)]).root()]);
    const shortened = { ...proofOf(0, 4), treeSize: 2n, hashes: tree.path(0, 4).slice(1) };
    refuse(shortened, node, 'the pair below as a leaf');
  });
});
