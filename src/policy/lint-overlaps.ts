// SPDX-License-Identifier: Apache-2.0
import type { CompiledPolicy, KeylessSigner, Requirement, Signer, TextTest } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';

/** Lists of `all` that one signature can satisfy by itself: who writes two names counts on two people. */
export function lintOverlaps({ rules }: CompiledPolicy): FindingAt[] {
  return rules.flatMap(({ name, require: requirement, attestations = [] }, index) => {
    const places = [
      ...(requirement === undefined ? [] : [{ requirement, path: `rules[${index}].require` }]),
      ...attestations.map(({ by }, at) => ({ requirement: by, path: `rules[${index}].attestations[${at}]` })),
    ];
    return places.flatMap((place) =>
      overlapsIn(place.requirement).map(([one, other]) => ({
        level: 'warning' as const,
        path: place.path,
        message: `rule ${name}: one signature can satisfy both ${one} and ${other}, and all asks for no second one; for two people write { atLeast: 2, of: […] }`,
      })),
    );
  });
}

function overlapsIn(requirement: Requirement): readonly (readonly [one: string, other: string])[] {
  if (requirement.kind === 'signer') return [];
  const nested = requirement.of.flatMap(overlapsIn);
  if (requirement.kind !== 'all') return nested;
  const listed = requirement.of.flatMap((one) => (one.kind === 'signer' ? [one.signer] : []));
  const signers = [...new Set(listed)];
  const pairs = signers.flatMap((one, index) =>
    signers.slice(index + 1).map((other) => [one, other] as const),
  );
  const overlapping = pairs.filter(([one, other]) => mayBeOne(one, other));
  return [...nested, ...overlapping.map(([one, other]) => [one.name, other.name] as const)];
}

/** May say no of patterns that have something in common; never yes of signers that nobody can be at once. */
function mayBeOne(one: Signer, other: Signer): boolean {
  if (one.kind === 'key' || other.kind === 'key')
    return one.kind === other.kind && haveKeyInCommon(one, other);
  return (
    one.trustRoot === other.trustRoot &&
    meet(one.issuer, other.issuer) &&
    subjectsMeet(one, other) &&
    one.claims.every((claim) =>
      other.claims.every((another) => claim.name !== another.name || meet(claim, another)),
    )
  );
}

function haveKeyInCommon(one: Signer, other: Signer): boolean {
  const fingerprints = (signer: Signer) =>
    signer.kind === 'key' ? signer.keys.map(({ fingerprint }) => fingerprint) : [];
  return !new Set(fingerprints(one)).isDisjointFrom(new Set(fingerprints(other)));
}

function subjectsMeet(one: KeylessSigner, other: KeylessSigner): boolean {
  if (one.unsafeAnySubject || other.unsafeAnySubject) return true;
  return (
    one.subject.kinds.some((kind) => other.subject.kinds.includes(kind)) && meet(one.subject, other.subject)
  );
}

/** Whether both hold of one text, as far as that is easily seen: one of them names it. */
function meet(one: TextTest, other: TextTest): boolean {
  if (isLiteral(one)) return other.matches(one.text);
  if (isLiteral(other)) return one.matches(other.text);
  return one.text === other.text && one.regexp === other.regexp;
}

function isLiteral({ text, regexp }: TextTest): boolean {
  return !regexp && !text.includes('*');
}
