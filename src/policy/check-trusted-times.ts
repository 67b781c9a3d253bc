// SPDX-License-Identifier: Apache-2.0
import type { AttestationRequirement, CompiledPolicy, Signer } from './compiled-policy.ts';
import type { Problem } from './schema-problem.ts';
import { signersIn } from './signers-in.ts';

/**
 * Which attestation is the newest is told by times that somebody trusted vouches for, never by what an attestation says of
 * itself: its signer could date it as it likes. Who demands no such time of a signer could never tell.
 */
export function checkTrustedTimes({ rules }: CompiledPolicy): Problem[] {
  return rules.flatMap(({ attestations = [] }, index) =>
    attestations.flatMap((attestation, place) => {
      const without = signersWithoutTime(attestation);
      if (attestation.quantifier !== 'newest' || without.length === 0) return [];
      const names = without.map(({ name }) => name).join(', ');
      const message = `newest needs a trusted time of each attestation, and none is demanded of ${names} (allowed: signers with log: required, or timestamps)`;
      return [{ path: ['rules', index, 'attestations', place, 'quantifier'], message }];
    }),
  );
}

function signersWithoutTime({ by }: AttestationRequirement): readonly Signer[] {
  return signersIn(by).filter(({ demands }) => demands.logEntries === 0 && demands.timestamps === 0);
}
