// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conformanceCases, FORMS, isAsExpected, runConformanceCase } from '../test/support/conformance.ts';
import { vectorsPath } from '../test/support/vectors.ts';

/*
 * npm run conformance [-- FOLDER TRUSTED_ROOT]: the bundle verification cases of the Sigstore conformance suite, each by
 * the command line, once with the artifact's path and once with its digest.
 */
const [folder = vectorsPath('conformance'), trustedRoot = vectorsPath('trust/targets/trusted_root.json')] =
  process.argv.slice(2);

if (!existsSync(folder) || !existsSync(join(trustedRoot))) {
  process.stderr.write(
    `conformance: no cases at ${folder}; wanted: npm run conformance -- FOLDER TRUSTED_ROOT\n`,
  );
  process.exit(2);
}

const cases = conformanceCases(folder, trustedRoot);
const right = new Map(cases.map((one) => [one, true]));
for (const one of cases) {
  for (const form of FORMS) {
    const outcome = await runConformanceCase(one, form);
    if (isAsExpected(one, outcome)) continue;
    right.set(one, false);
    const { exit, stdout, stderr } = outcome;
    process.stdout.write(`WRONG ${one.name} by ${form}: exit ${exit}\n${stdout}${stderr}`);
  }
}

const line = (expected: 'accept' | 'reject') => {
  const its = cases.filter((one) => one.expected === expected);
  return `${its.filter((one) => right.get(one)).length} / ${its.length}`;
};
const passed = cases.filter((one) => right.get(one)).length;
process.stdout.write(
  `accepted as they must be: ${line('accept')}\nrejected as they must be: ${line('reject')}\n${passed} / ${cases.length}, each by ${FORMS.join(' and ')}\n`,
);
process.exitCode = passed === cases.length && cases.length > 0 ? 0 : 1;
