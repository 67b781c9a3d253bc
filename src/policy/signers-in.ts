// SPDX-License-Identifier: Apache-2.0
import type { Requirement, Rule, Signer } from './compiled-policy.ts';

/** Each signer that a requirement names, once. */
export function signersIn(requirement: Requirement): readonly Signer[] {
  if (requirement.kind === 'signer') return [requirement.signer];
  return [...new Set(requirement.of.flatMap(signersIn))];
}

/** All that a rule demands of signers: of the image, and of each of its attestations. */
export function requirementsOf({ require, attestations = [] }: Rule): readonly Requirement[] {
  return [...(require === undefined ? [] : [require]), ...attestations.map(({ by }) => by)];
}
