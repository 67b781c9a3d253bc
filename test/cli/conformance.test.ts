// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { folderOf } from '../support/command.ts';
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

  test('that end before any bundle is looked at are rejected too: two signers, a trust root that is none', async () => {
    const file = (name: string) => readFileSync(vectorsPath(name), 'utf8');
    const root = JSON.parse(file('trust/targets/trusted_root.json'));
    root.tlogs[0].publicKey.validFor.start = undefined;
    const bundle = file('conformance/managed-key-happy-path/bundle.sigstore.json');
    const key = file('conformance/managed-key-happy-path/key.pub');
    const folder = folderOf({
      'a.txt': file('conformance/a.txt'),
      'managed-key-and-client-identity_fail/bundle.sigstore.json': bundle,
      'managed-key-and-client-identity_fail/key.pub': key,
      'no-start_fail/bundle.sigstore.json': bundle,
      'no-start_fail/key.pub': key,
      'no-start_fail/trusted_root.json': JSON.stringify(root),
      'wrong-option_fail/bundle.sigstore.json': bundle,
      'wrong-option_fail/identity': '',
    });
    const made = conformanceCases(folder.path('.'), vectorsPath('trust/targets/trusted_root.json'));
    const ends = await Promise.all(
      made.map(async (one) => {
        const outcome = await runConformanceCase(one, 'path');
        return [outcome.exit, isAsExpected(one, outcome)];
      }),
    );
    folder.close();
    assert.deepEqual(ends, [
      [2, true],
      [2, true],
      // Here the suite's runner would have made the mistake: nothing was verified.
      [2, false],
    ]);
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
