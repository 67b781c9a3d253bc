// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { suite, test } from 'node:test';
import { createTestKey } from '../../../src/testing/index.ts';
import { judgeOurs } from '../../support/differential/ours.ts';
import { bundleCases } from '../../support/differential/vector-cases.ts';
import { skipWithoutVectors as skip } from '../../support/vectors.ts';

/** Why the real bundles that must be rejected are. */
const REJECTED: Readonly<Record<string, string>> = { 'dsse-2sigs': 'BUNDLE_MALFORMED' };

suite('bundles of other clients', { skip }, () => {
  const cases = skip ? [] : bundleCases();

  test('are all there, of both kinds', () => {
    assert.equal(cases.length, 17);
    assert.equal(cases.filter(({ expected }) => expected === 'reject').length, 1);
  });

  for (const one of cases) {
    test(`${one.name}: ${one.expected}`, () => {
      assert.equal(judgeOurs(one).reason, REJECTED[one.name] ?? 'VERIFIED');
    });
    if (one.expected === 'reject') continue;

    test(`${one.name}: about something else`, () => {
      const algorithm = typeof one.artifact === 'string' ? one.artifact.slice(0, 6) : 'sha256';
      const artifact = `${algorithm}:${hash(algorithm, 'something else', 'hex')}`;
      assert.equal(judgeOurs({ ...one, artifact }).reason, 'PAYLOAD_DIGEST_MISMATCH');
    });

    test(`${one.name}: by somebody else`, () => {
      const key = { key: createTestKey().publicKeyPem };
      const { signer } = one;
      const others =
        'key' in signer
          ? [key]
          : [
              { ...signer, identity: `${signer.identity}x` },
              { ...signer, issuer: `${signer.issuer}/` },
            ];
      for (const other of others) {
        const { reason } = judgeOurs({ ...one, signer: other });
        assert.match(reason, /^(SIGNATURE_INVALID|LOG_ENTRY_MISMATCH|IDENTITY_MISMATCH)$/);
      }
    });
  }
});
