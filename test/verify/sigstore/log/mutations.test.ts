// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { CountersignError } from '../../../../src/errors.ts';
import { verifyLogEntry } from '../../../../src/verify/sigstore/log/verify-log-entry.ts';
import type { InclusionProof, LogEntry } from '../../../../src/verify/sigstore/log-entry.ts';
import { readLoggedBundle, readTrustedLogs } from '../../../support/logged-bundles.ts';
import { skipWithoutVectors, vectorsPath } from '../../../support/vectors.ts';

type Mutant = readonly [name: string, entry: LogEntry];

/** Every byte with one bit of it changed, which bit goes by its place; then one byte less and one more. */
function* bytesNear(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1) {
    yield Buffer.from(bytes).fill((bytes[at] ?? 0) ^ (1 << (at % 8)), at, at + 1);
  }
  yield bytes.subarray(1);
  yield bytes.subarray(0, -1);
  yield Buffer.concat([bytes, Buffer.of(0x20)]);
}

function* textsNear(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    yield before + String.fromCharCode(text.charCodeAt(at) ^ (1 << (at % 6))) + after;
    yield before + after;
    yield `${before}\n${text.slice(at)}`;
  }
}

const integersNear = (integer: bigint) => [
  integer + 1n,
  integer - 1n,
  -integer,
  integer * 2n,
  2n ** 63n - 1n,
];

function* mutantsOf(entry: LogEntry, proof: InclusionProof): Generator<Mutant> {
  for (const body of bytesNear(entry.body)) yield ['body', { ...entry, body }];
  for (const logIndex of integersNear(entry.logIndex)) yield ['logIndex', { ...entry, logIndex }];
  for (const integratedTime of integersNear(entry.integratedTime ?? 7n)) {
    yield ['integratedTime', { ...entry, integratedTime }];
  }
  for (const promise of bytesNear(entry.promise ?? Buffer.alloc(1))) yield ['promise', { ...entry, promise }];
  const withProof = (more: Partial<InclusionProof>) => ({ ...entry, proof: { ...proof, ...more } });
  for (const logIndex of integersNear(proof.logIndex)) yield ['proof.logIndex', withProof({ logIndex })];
  for (const treeSize of integersNear(proof.treeSize)) yield ['proof.treeSize', withProof({ treeSize })];
  for (const rootHash of bytesNear(proof.rootHash)) yield ['proof.rootHash', withProof({ rootHash })];
  for (const checkpoint of textsNear(proof.checkpoint)) yield ['proof.checkpoint', withProof({ checkpoint })];
  for (const [at, hash] of proof.hashes.entries()) {
    for (const other of bytesNear(hash))
      yield ['proof.hashes', withProof({ hashes: proof.hashes.with(at, other) })];
    yield ['proof.hashes', withProof({ hashes: proof.hashes.toSpliced(at, 1) })];
    yield ['proof.hashes', withProof({ hashes: proof.hashes.toSpliced(at, 0, hash) })];
  }
}

/** What may change unseen: who signs a checkpoint of Rekor v1 is known by the key, not by the name; v2 says no time. */
function isMalleable([name, { proof }]: Mutant, { proof: original }: LogEntry, isV1: boolean): boolean {
  if (!isV1)
    return name === 'integratedTime' || (name === 'proof.checkpoint' && keepsOwnLine(proof, original));
  return name === 'proof.checkpoint' && withoutName(proof) === withoutName(original);
}

const withoutName = (proof: InclusionProof | undefined) =>
  proof?.checkpoint.replace(/— [^ \n]+ (?=\S+\n$)/, '');

/** The text and the log's own line, which is the first, are as they were: the lines of witnesses are not looked at. */
function keepsOwnLine(proof: InclusionProof | undefined, original: InclusionProof | undefined): boolean {
  const own = original?.checkpoint.split('\n').slice(0, 5).join('\n') ?? 'nothing';
  return original?.checkpoint.split('\n').length === 7 && proof?.checkpoint.startsWith(`${own}\n`) === true;
}

suite('no change to an entry goes unseen', { skip: skipWithoutVectors }, () => {
  const at = (...parts: string[]) => vectorsPath('conformance', ...parts);
  for (const [name, root, isV1] of [
    ['happy-path-v0.3', vectorsPath('trust/targets/trusted_root.json'), true],
    ['happy-path-intoto-in-dsse-v3', vectorsPath('trust/targets/trusted_root.json'), true],
    ['rekor2-happy-path', at('rekor2-happy-path', 'trusted_root.json'), false],
    ['rekor2-checkpoint-cosigned', at('rekor2-checkpoint-cosigned', 'trusted_root.json'), false],
  ] as const) {
    test(name, () => {
      const artifact = readFileSync(at('a.txt'));
      const { entries, content } = readLoggedBundle(at(name, 'bundle.sigstore.json'), { artifact });
      const logs = readTrustedLogs(root);
      const [entry] = entries;
      assert.ok(entry?.proof && verifyLogEntry(entry, content, logs));
      let count = 0;
      for (const mutant of mutantsOf(entry, entry.proof)) {
        count += 1;
        try {
          verifyLogEntry(mutant[1], content, logs);
        } catch (error) {
          assert.ok(error instanceof CountersignError, `${mutant[0]}: ${String(error)}`);
          continue;
        }
        const seen = mutant[0] === 'proof.checkpoint' ? mutant[1].proof?.checkpoint : '';
        assert.ok(isMalleable(mutant, entry, isV1), `${mutant[0]} may change: ${seen}`);
      }
      assert.ok(count > 1000);
    });
  }
});
