// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Discovery } from '../../src/discover/index.ts';
import { keepProof, type Proof, recallProof } from '../../src/evaluation/proof-memo.ts';
import { verifySignatures } from '../../src/evaluation/signature-outcomes.ts';
import { LIMITS } from '../../src/limits.ts';
import type { Requirement } from '../../src/policy/index.ts';
import { NO_TRUST_ROOTS, type TrustRoot, verifyCandidate } from '../../src/verify/index.ts';
import {
  IMAGE,
  imageAt,
  legacyCandidate,
  NOW,
  sharedKey,
  signerOf,
  trusted,
} from '../support/verification.ts';

const key = sharedKey();
const at = (now: number) => ({ now, trust: NO_TRUST_ROOTS });
const BASIS = at(NOW);

function world(window: { notBefore?: number; notAfter?: number } = {}) {
  const signer = signerOf([trusted(key, window)]);
  const requirement: Requirement = { kind: 'signer', signer };
  const candidate = legacyCandidate(key);
  const known: Discovery = { candidates: [candidate], failures: [], ageMs: 0 };
  const outcomes = [verifyCandidate(candidate, signer, IMAGE, NOW)];
  const proof: Proof = { outcomes, finding: { verdict: 'verified', code: 'VERIFIED', message: '' } };
  return { signer, requirement, known, proof };
}

test('a proof is recalled for the very same candidates, requirement and image, and for nothing else', () => {
  const { signer, requirement, known, proof } = world();
  keepProof(requirement, [signer], known, IMAGE, BASIS, proof);
  assert.equal(recallProof(requirement, known, IMAGE, BASIS), proof);
  assert.equal(recallProof({ ...requirement }, known, IMAGE, BASIS), undefined, 'another policy snapshot');
  const others = { ...known, candidates: [...known.candidates] };
  assert.equal(recallProof(requirement, others, IMAGE, BASIS), undefined, 'other facts');
  const elsewhere = imageAt('registry.example/acme/other', IMAGE.digest);
  assert.equal(recallProof(requirement, known, elsewhere, BASIS), undefined, 'another repository');
  const refreshed = { ...NO_TRUST_ROOTS };
  assert.equal(
    recallProof(requirement, known, IMAGE, { ...BASIS, trust: refreshed }),
    undefined,
    'another trust',
  );
});

test('a proof ends at the next edge of a key window', () => {
  const { signer, requirement, known, proof } = world({ notBefore: NOW - 10, notAfter: NOW + 10 });
  keepProof(requirement, [signer], known, IMAGE, BASIS, proof);
  assert.equal(recallProof(requirement, known, IMAGE, at(NOW + 9)), proof);
  assert.equal(recallProof(requirement, known, IMAGE, at(NOW + 11)), undefined);
  assert.equal(recallProof(requirement, known, IMAGE, at(NOW - 11)), undefined);
});

test('a failure is never kept: neither a store that was not asked, nor anything inconclusive', () => {
  const { signer, requirement, known, proof } = world();
  const failures = [{ storage: 'tag', code: 'REGISTRY_UNREACHABLE', message: '' }] as const;
  keepProof(requirement, [signer], { ...known, failures }, IMAGE, BASIS, proof);
  assert.equal(recallProof(requirement, known, IMAGE, BASIS), undefined);
  const finding = { verdict: 'inconclusive', code: 'LIMIT_EXCEEDED', message: '' } as const;
  keepProof(requirement, [signer], known, IMAGE, BASIS, { ...proof, finding });
  assert.equal(recallProof(requirement, known, IMAGE, BASIS), undefined);
  const [verified] = proof.outcomes;
  const outcomes = proof.outcomes.flatMap(() =>
    verified ? [{ ...verified, status: 'inconclusive' as const }] : [],
  );
  keepProof(requirement, [signer], known, IMAGE, BASIS, { ...proof, outcomes });
  assert.equal(recallProof(requirement, known, IMAGE, BASIS), undefined);
  keepProof(requirement, [signer], known, IMAGE, BASIS, proof);
  assert.equal(
    recallProof(requirement, { ...known, failures }, IMAGE, BASIS),
    undefined,
    'asked in vain this time',
  );
});

test('a proof of more outcomes than its candidates count for is not kept', () => {
  const { signer, requirement, known, proof } = world();
  const most = LIMITS.outcomesPerImage + 2 * known.candidates.length;
  const proofOf = (count: number) => ({
    ...proof,
    outcomes: Array.from({ length: count }, () => proof.outcomes).flat(),
  });
  keepProof(requirement, [signer], known, IMAGE, BASIS, proofOf(most + 1));
  assert.equal(recallProof(requirement, known, IMAGE, BASIS), undefined);
  keepProof(requirement, [signer], known, IMAGE, BASIS, proofOf(most));
  assert.equal(recallProof(requirement, known, IMAGE, BASIS)?.outcomes.length, most);
});

test('beside a candidate so many outcomes are kept, however many signers ask', async () => {
  const { known } = world();
  const exchange = { signal: new AbortController().signal };
  const ask = async (requirement: Requirement) =>
    (await verifySignatures(requirement, known.candidates, IMAGE, BASIS, exchange))[0];
  const asked = Array.from({ length: LIMITS.outcomesPerCandidate + 1 }, () => world().requirement);
  const first: unknown[] = [];
  for (const requirement of asked.slice(1)) first.push(await ask(requirement));
  for (const [index, requirement] of asked.slice(1).entries()) {
    assert.equal(await ask(requirement), first[index]);
  }
  await Promise.all(asked.slice(0, 1).map(ask));
  for (const [index, requirement] of asked.slice(1).entries()) {
    assert.notEqual(await ask(requirement), first[index], 'one too many: it begins anew');
  }
});

test('an outcome is recalled for the very same trust root only, whatever became of the others', async () => {
  const { requirement, known } = world();
  const exchange = { signal: new AbortController().signal };
  const root = { name: 'default' } as TrustRoot;
  const outcomeWith = async (...roots: TrustRoot[]) => {
    const trust = { fingerprint: '', roots: new Map(roots.map((one) => [one.name, one])) };
    const basis = { now: NOW, trust };
    const [outcome] = await verifySignatures(requirement, known.candidates, IMAGE, basis, exchange);
    return outcome;
  };
  const first = await outcomeWith(root);
  assert.equal(await outcomeWith(root, { ...root, name: 'other' }), first);
  assert.notEqual(await outcomeWith({ ...root }), first, 'the root was refreshed');
  const without = await outcomeWith();
  assert.notEqual(await outcomeWith(root), without, 'the root came only now');
});
