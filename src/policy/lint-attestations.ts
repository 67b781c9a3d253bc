// SPDX-License-Identifier: Apache-2.0
import type { AttestationRequirement, CompiledPolicy } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { adviceOnWhere, variablesOf } from './where.ts';

/** Demands of attestations that ask for less than they seem to. */
export function lintAttestations({ rules }: CompiledPolicy): FindingAt[] {
  return rules.flatMap(({ name, attestations = [] }, index) =>
    attestations.flatMap((attestation, place) =>
      [...lintWhere(attestation), ...lintQuantifier(attestation)].map((message) => ({
        level: 'warning' as const,
        path: `rules[${index}].attestations[${place}]`,
        message: `rule ${name}: ${message}`,
      })),
    ),
  );
}

/** The subject names the image in any case, or the attestation would not count for it. */
function lintWhere({ where }: AttestationRequirement): string[] {
  if (where === undefined) return [];
  if (variablesOf(where).has('predicate')) return adviceOnWhere(where).map((said) => `where: ${said}`);
  return [
    `where: ${where.text.trim()} does not look at the predicate, so it says nothing about the attestation`,
  ];
}

function lintQuantifier({ quantifier, where }: AttestationRequirement): string[] {
  if (where !== undefined || quantifier === 'every') return [];
  const what =
    quantifier === 'any'
      ? 'differs from every only where one of them cannot be read'
      : 'asks when it was made, and nothing of what it says';
  return [`quantifier: ${quantifier} without where ${what}`];
}
