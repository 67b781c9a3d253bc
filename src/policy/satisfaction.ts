// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Requirement } from './compiled-policy.ts';

/**
 * The identities (keys) that were proved for a signer's name. One identity may be proved for several names.
 */
export type ProvenIdentities = (signer: string) => ReadonlySet<string>;

/**
 * Whether what was proved satisfies a requirement.
 *
 * `atLeast: N` needs N entries with an identity of their own each: two signatures by one key are one signer,
 * and one key under two names speaks for one of them. For a list of plain signers that is a maximum bipartite
 * matching; where requirements nest, sets of identities are compared.
 *
 * @throws CountersignError TOO_MANY_COMBINATIONS when nested thresholds need more sets than the limits allow
 */
export function isSatisfied(requirement: Requirement, proven: ProvenIdentities): boolean {
  switch (requirement.kind) {
    case 'signer':
      return proven(requirement.signer.name).size > 0;
    case 'any':
      return requirement.of.some((one) => isSatisfied(one, proven));
    case 'all':
      return requirement.of.length > 0 && requirement.of.every((one) => isSatisfied(one, proven));
    case 'atLeast':
      return meetsThreshold(requirement, proven);
  }
}

type Threshold = Extract<Requirement, { kind: 'atLeast' }>;
type Witnesses = ReadonlySet<string>;

function meetsThreshold(threshold: Threshold, proven: ProvenIdentities): boolean {
  if (threshold.count < 1) return false;
  const plain = threshold.of.every((one) => one.kind === 'signer');
  return plain ? matchingSize(threshold, proven) >= threshold.count : witnesses(threshold, proven).length > 0;
}

/** Kuhn's algorithm: names on one side, identities on the other. */
function matchingSize(threshold: Threshold, proven: ProvenIdentities): number {
  const names = new Set(threshold.of.flatMap((one) => (one.kind === 'signer' ? [one.signer.name] : [])));
  const speaksFor = new Map<string, string>();
  const assign = (name: string, tried: Set<string>): boolean => {
    for (const identity of proven(name)) {
      if (tried.has(identity)) continue;
      tried.add(identity);
      const holder = speaksFor.get(identity);
      if (holder === undefined || assign(holder, tried)) {
        speaksFor.set(identity, name);
        return true;
      }
    }
    return false;
  };
  return [...names].filter((name) => assign(name, new Set())).length;
}

/** The sets of identities that each satisfy the requirement: none means it is not satisfied. */
function witnesses(requirement: Requirement, proven: ProvenIdentities): Witnesses[] {
  switch (requirement.kind) {
    case 'signer':
      return [...proven(requirement.signer.name)].map((identity) => new Set([identity]));
    case 'any':
      return bounded(requirement.of.flatMap((one) => witnesses(one, proven)));
    case 'all':
      if (requirement.of.length === 0) return [];
      return requirement.of
        .map((one) => witnesses(one, proven))
        .reduce(
          (sets, more) => bounded(sets.flatMap((a) => more.map((b) => a.union(b)))),
          [new Set<string>()],
        );
    case 'atLeast':
      return chooseDisjoint(requirement.of, requirement.count, proven);
  }
}

/** All unions of `count` entries whose identities do not overlap. */
function chooseDisjoint(of: readonly Requirement[], count: number, proven: ProvenIdentities): Witnesses[] {
  if (count < 1) return [];
  let chosen: Witnesses[][] = [[new Set<string>()], ...Array.from({ length: count }, () => [])];
  for (const one of of) {
    const more = witnesses(one, proven);
    chosen = chosen.map((sets, taken) => {
      const fewer = chosen[taken - 1] ?? [];
      const joined = fewer.flatMap((a) => more.filter((b) => a.isDisjointFrom(b)).map((b) => a.union(b)));
      return bounded([...sets, ...joined]);
    });
  }
  return chosen[count] ?? [];
}

function bounded(sets: Witnesses[]): Witnesses[] {
  const distinct = new Map(sets.map((set) => [[...set].sort().join(' '), set]));
  if (distinct.size <= LIMITS.witnessSets) return [...distinct.values()];
  throw new CountersignError(
    'TOO_MANY_COMBINATIONS',
    `nested thresholds give more than ${LIMITS.witnessSets} combinations of signers`,
  );
}
