// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { conformanceCases } from '../conformance.ts';
import { vectorsPath } from '../vectors.ts';
import type { CaseSigner, DifferentialCase } from './case.ts';
import { defectCases } from './defect-cases.ts';
import { goodCases } from './good-cases.ts';
import { hostileCases } from './hostile-cases.ts';
import { textCases } from './text-cases.ts';
import { bundleCases } from './vector-cases.ts';

/** All that verifiers are compared over: what is real, and what a Sigstore in memory makes. Needs the vectors. */
export function allCases(): readonly DifferentialCase[] {
  const real = bundleCases().map((one) => ({ ...one, name: `real: ${one.name}` }));
  const cases = [
    ...suiteCases(),
    ...real,
    ...goodCases(),
    ...defectCases(),
    ...hostileCases(),
    ...textCases(),
  ];
  const names = new Set(cases.map(({ name }) => name));
  if (names.size !== cases.length) throw new Error('two cases have one name');
  return cases;
}

/** The conformance suite, of which the file is at hand. */
function suiteCases(): readonly DifferentialCase[] {
  const root = vectorsPath('trust/targets/trusted_root.json');
  return conformanceCases(vectorsPath('conformance'), root).map(({ name, options, artifact }) => {
    const option = (flag: string) => options[options.indexOf(flag) + 1] ?? '';
    const signer: CaseSigner = options.includes('--key')
      ? { key: readFileSync(option('--key'), 'utf8') }
      : {
          identity: option('--certificate-identity'),
          issuer: option('--certificate-oidc-issuer'),
        };
    return {
      name: `conformance: ${name}`,
      bundle: readFileSync(option('--bundle')),
      trustedRoot: readFileSync(option('--trusted-root')),
      signer,
      artifact: readFileSync(artifact),
    };
  });
}
