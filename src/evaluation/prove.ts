// SPDX-License-Identifier: Apache-2.0

import { decideEvery, decideRequirement, type RuleFinding } from '../decide.ts';
import { createHolds } from '../discover/index.ts';
import { LIMITS } from '../limits.ts';
import { describePlace, type RuleMatch } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import type { SignatureOutcome } from '../verify/index.ts';
import type { Basis } from './basis.ts';
import type { Case } from './case.ts';
import type { Known, Part } from './known.ts';
import { keepProof, type Proof, recallProof } from './proof-memo.ts';
import { findingOf, findingOfError } from './rule-findings.ts';
import { signersOf, verifySignatures } from './signature-outcomes.ts';

/**
 * Verifies the candidates for each open rule. A rule whose verification breaks off (deadline, caller gone, a
 * defect) is inconclusive, in its own mode.
 */
export function verifyCandidates(
  before: Case,
  known: readonly Known[],
  basis: Basis,
  exchange: Exchange,
): Case | Promise<Case> {
  const proofs = before.open.map((rule, index) => recallFor(rule, known[index], basis));
  if (proofs.every((proof) => proof !== undefined)) return proved(before, proofs);
  return verifyAnew(before, known, basis, exchange);
}

type Proved = { readonly finding: RuleFinding; readonly outcomes: readonly SignatureOutcome[] };

function proved(before: Case, proofs: readonly Proved[]): Case {
  const findings = [...before.findings, ...proofs.map((proof) => proof.finding)];
  return { ...before, open: [], findings, outcomes: proofs.flatMap((proof) => proof.outcomes) };
}

function recallFor(rule: RuleMatch, known: Known | undefined, basis: Basis): Proved | undefined {
  const { require: requirement } = rule.rule;
  if (requirement === undefined || known === undefined || hasAttestations(rule)) return undefined;
  const proofs = known.parts.map(({ discovery, image }) => recallProof(requirement, discovery, image, basis));
  if (!proofs.every((proof) => proof !== undefined)) return undefined;
  const { finding, outcomes } = whole(known, proofs);
  return { finding: findingOf(rule, finding), outcomes };
}

/** What the proofs of the parts say of the whole. */
function whole(known: Known, proofs: readonly Proof[]): Proof {
  if (known.kind === 'unknown') return { outcomes: [], finding: findingOfError(known.error) };
  const [only] = proofs;
  if (known.kind === 'image' && only !== undefined) return only;
  const children = known.parts.map(({ image: { digest }, platform = '' }, index) => {
    const proof = proofs[index];
    if (proof === undefined) throw new TypeError(`nothing was verified of ${digest}`);
    return { digest, platform, ...proof };
  });
  return {
    outcomes: children.flatMap(({ digest, outcomes }) => outcomes.map((one) => ({ ...one, digest }))),
    finding: decideEvery(children),
  };
}

async function verifyAnew(
  before: Case,
  known: readonly Known[],
  basis: Basis,
  exchange: Exchange,
): Promise<Case> {
  const proofs: Proved[] = [];
  // While it waits for its turns, the memory of facts may let go of what it holds.
  const holds = createHolds(exchange);
  try {
    for (const { parts } of known) for (const { discovery } of parts) holds.add(discovery.candidates);
    for (const [index, rule] of before.open.entries()) {
      proofs.push(await verifyRule(rule, known[index], basis, exchange));
    }
  } finally {
    holds.end();
  }
  return proved(before, proofs);
}

async function verifyRule(
  rule: RuleMatch,
  known: Known | undefined,
  basis: Basis,
  exchange: Exchange,
): Promise<Proved> {
  try {
    if (known === undefined) throw new TypeError(`nothing was looked for where rule ${rule.rule.name} looks`);
    const proofs: Proof[] = [];
    for (const part of known.parts) proofs.push(await verifyPart(rule, part, basis, exchange));
    const { outcomes, finding } = whole(known, proofs);
    return { outcomes, finding: findingOf(rule, finding) };
  } catch (error) {
    return { outcomes: [], finding: findingOf(rule, findingOfError(error)) };
  }
}

/** Until attestations are verified, whoever demands some must not be told that all is well. */
function hasAttestations({ rule }: RuleMatch): boolean {
  return rule.attestations !== undefined;
}

async function verifyPart(
  match: RuleMatch,
  { image, discovery }: Part,
  basis: Basis,
  exchange: Exchange,
): Promise<Proof> {
  const { rule } = match;
  const { require: requirement } = rule;
  if (requirement === undefined || hasAttestations(match)) {
    throw new TypeError(`rule ${rule.name} demands what is not verified yet`);
  }
  const known = recallProof(requirement, discovery, image, basis);
  if (known !== undefined) return known;
  const outcomes = await verifySignatures(requirement, discovery.candidates, image, basis, exchange);
  const finding = decideRequirement(
    requirement,
    outcomes,
    discovery.failures,
    describePlace(rule.signatures),
  );
  const proof = { outcomes, finding };
  keepProof(requirement, signersOf(requirement), discovery, image, basis, proof);
  return proof;
}

/** Whether remembered facts did not suffice and are old enough to ask again: somebody may just have signed. */
export function isWorthAskingAgain(known: readonly Known[], verified: Case): boolean {
  return (
    known.some(({ parts }) => parts.some(({ discovery }) => discovery.ageMs > LIMITS.recheckMs)) &&
    verified.findings.some(({ code }) => code !== 'VERIFIED' && code !== 'EXEMPT')
  );
}
