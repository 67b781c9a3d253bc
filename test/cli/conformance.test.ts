// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { conformanceCases, FORMS, isAsExpected, runConformanceCase } from '../support/conformance.ts';
import { skipWithoutVectors as skip, vectorsPath } from '../support/vectors.ts';

suite('the cases of the Sigstore conformance suite', { skip }, () => {
  const cases = skip
    ? []
    : conformanceCases(vectorsPath('conformance'), vectorsPath('trust/targets/trusted_root.json'));

  test('are all there, of both kinds', () => {
    assert.equal(cases.length, 34);
    assert.equal(cases.filter(({ expected }) => expected === 'accept').length, 12);
  });

  for (const one of cases) {
    for (const form of FORMS) {
      test(`${one.name}, by ${form}: ${one.expected}`, async () => {
        const outcome = await runConformanceCase(one, form);
        assert.ok(isAsExpected(one, outcome), JSON.stringify(outcome));
      });
    }
  }
});
