// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createTestKey,
  createTestSigstore,
  defectsFor,
  githubIdentity,
  makeStatement,
  SIGSTORE_DEFECTS,
  type SigstoreDefect,
} from '../../../src/testing/index.ts';
import { verifyWithSigstoreJs } from '../../support/sigstore-oracle.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const sigstore = createTestSigstore({ now: NOW });
const root = sigstore.trustedRoot();
const identity = githubIdentity('acme/web');
const statement = makeStatement({ digest: `sha256:${'a'.repeat(64)}` });
const message = Buffer.from('an artifact');

/**
 * What @sigstore/verify 4.1.3 lets pass: it looks at no usage of a key, no second name, and no name at all unless it is told
 * one, at no critical extension; it compares neither the certificate in the body, nor the root in the proof, nor the origin of
 * the checkpoint, and does not read a timestamp's status.
 */
const UNSEEN: ReadonlySet<SigstoreDefect> = new Set([
  'wrongEku',
  'noEku',
  'caLeaf',
  'wrongKeyUsage',
  'twoSans',
  'noSan',
  'unknownCriticalExtension',
  'entryForOtherCertificate',
  'proofRootMismatch',
  'checkpointOfOtherOrigin',
  'timestampRefused',
]);

const SHAPES = [
  { log: 'v1', timestamps: 0 },
  { log: 'v2', timestamps: 1 },
] as const;

for (const shape of SHAPES) {
  describe(`with Rekor ${shape.log} and ${shape.timestamps} timestamps, Sigstore's own verifier rejects`, () => {
    for (const defect of defectsFor(shape)) {
      test(defect, () => {
        for (const content of [{ statement }, { message }]) {
          const bundle = sigstore.signBundle({ identity, ...shape, content, defects: [defect] });
          const verify = () => verifyWithSigstoreJs(root, bundle, { artifact: message });
          if (UNSEEN.has(defect)) verify();
          else assert.throws(verify);
        }
      });
    }
  });
}

describe("of a signature by a key, logged in Rekor v2, Sigstore's own verifier rejects", () => {
  const key = createTestKey();
  for (const defect of defectsFor({ keyless: false, log: 'v2', timestamps: 0 })) {
    test(defect, () => {
      const bundle = sigstore.signBundle({ key, log: 'v2', content: { statement }, defects: [defect] });
      const check = () => verifyWithSigstoreJs(root, bundle, { key, timestamps: 0 });
      if (UNSEEN.has(defect)) check();
      else assert.throws(check);
    });
  }
});

test('every defect can be had in one of the shapes', () => {
  const seen = new Set(SHAPES.flatMap((shape) => defectsFor(shape)));
  assert.deepEqual([...seen].sort(), [...SIGSTORE_DEFECTS].sort());
});

test('a defect that a signature cannot have is an error of the test', () => {
  const key = createTestKey();
  assert.throws(() => sigstore.signBundle({ key, content: { message }, defects: ['noSct'] }), /noSct/);
  assert.throws(() =>
    sigstore.signBundle({ identity, log: 'v2', content: { message }, defects: ['badPromise'] }),
  );
});
