// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Discovery } from '../../src/discover/index.ts';
import { keepProof, type Proof, recallProof } from '../../src/evaluation/proof-memo.ts';
import type { Requirement } from '../../src/policy/index.ts';
import { verifyCandidate } from '../../src/verify/index.ts';
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
  keepProof(requirement, [signer], known, IMAGE, NOW, proof);
  assert.equal(recallProof(requirement, known, IMAGE, NOW), proof);
  assert.equal(recallProof({ ...requirement }, known, IMAGE, NOW), undefined, 'another policy snapshot');
  const others = { ...known, candidates: [...known.candidates] };
  assert.equal(recallProof(requirement, others, IMAGE, NOW), undefined, 'other facts');
  const elsewhere = imageAt('registry.example/acme/other', IMAGE.digest);
  assert.equal(recallProof(requirement, known, elsewhere, NOW), undefined, 'another repository');
});

test('a proof ends at the next edge of a key window', () => {
  const { signer, requirement, known, proof } = world({ notBefore: NOW - 10, notAfter: NOW + 10 });
  keepProof(requirement, [signer], known, IMAGE, NOW, proof);
  assert.equal(recallProof(requirement, known, IMAGE, NOW + 9), proof);
  assert.equal(recallProof(requirement, known, IMAGE, NOW + 11), undefined);
  assert.equal(recallProof(requirement, known, IMAGE, NOW - 11), undefined);
});

test('a failure is never kept: neither a store that was not asked, nor anything inconclusive', () => {
  const { signer, requirement, known, proof } = world();
  const failures = [{ storage: 'tag', code: 'REGISTRY_UNREACHABLE', message: '' }] as const;
  keepProof(requirement, [signer], { ...known, failures }, IMAGE, NOW, proof);
  assert.equal(recallProof(requirement, known, IMAGE, NOW), undefined);
  const finding = { verdict: 'inconclusive', code: 'LIMIT_EXCEEDED', message: '' } as const;
  keepProof(requirement, [signer], known, IMAGE, NOW, { ...proof, finding });
  assert.equal(recallProof(requirement, known, IMAGE, NOW), undefined);
  const [verified] = proof.outcomes;
  const outcomes = proof.outcomes.flatMap(() =>
    verified ? [{ ...verified, status: 'inconclusive' as const }] : [],
  );
  keepProof(requirement, [signer], known, IMAGE, NOW, { ...proof, outcomes });
  assert.equal(recallProof(requirement, known, IMAGE, NOW), undefined);
  keepProof(requirement, [signer], known, IMAGE, NOW, proof);
  assert.equal(
    recallProof(requirement, { ...known, failures }, IMAGE, NOW),
    undefined,
    'asked in vain this time',
  );
});
