// SPDX-License-Identifier: Apache-2.0

import { decideEvery, type RuleFinding } from '../decide.ts';
import { createHolds, type Discovery, type Holds } from '../discover/index.ts';
import { LIMITS } from '../limits.ts';
import type { RuleMatch } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import type { SignatureOutcome } from '../verify/index.ts';
import type { Basis } from './basis.ts';
import type { Case } from './case.ts';
import type { Known } from './known.ts';
import type { Proof } from './proof-memo.ts';
import { provePart, recallPart } from './prove-part.ts';
import { findingOf, findingOfError } from './rule-findings.ts';

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
  const { tag = '' } = before.reference;
  const proofs = before.open.map((rule, index) => recallFor(rule, known[index], tag, basis));
  if (proofs.every((proof) => proof !== undefined)) return proved(before, proofs);
  return verifyAnew(before, known, basis, exchange);
}

type Proved = { readonly finding: RuleFinding; readonly outcomes: readonly SignatureOutcome[] };

function proved(before: Case, proofs: readonly Proved[]): Case {
  const findings = [...before.findings, ...proofs.map((proof) => proof.finding)];
  return { ...before, open: [], findings, outcomes: proofs.flatMap((proof) => proof.outcomes) };
}

function recallFor(rule: RuleMatch, known: Known | undefined, tag: string, basis: Basis): Proved | undefined {
  if (known === undefined) return undefined;
  const proofs = known.parts.map((part) => recallPart(rule.rule, part, tag, basis));
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
    for (const { parts } of known) for (const { discovery } of parts) hold(discovery, holds);
    for (const [index, rule] of before.open.entries()) {
      proofs.push(await verifyRule(rule, known[index], before.reference.tag ?? '', basis, exchange));
    }
  } finally {
    holds.end();
  }
  return proved(before, proofs);
}

function hold({ candidates, attestations }: Discovery, holds: Holds): void {
  holds.add(candidates);
  if (attestations !== undefined) holds.add(attestations.candidates);
}

async function verifyRule(
  rule: RuleMatch,
  known: Known | undefined,
  tag: string,
  basis: Basis,
  exchange: Exchange,
): Promise<Proved> {
  try {
    if (known === undefined) throw new TypeError(`nothing was looked for where rule ${rule.rule.name} looks`);
    const proofs: Proof[] = [];
    for (const part of known.parts) proofs.push(await provePart(rule.rule, part, tag, basis, exchange));
    const { outcomes, finding } = whole(known, proofs);
    return { outcomes, finding: findingOf(rule, finding) };
  } catch (error) {
    return { outcomes: [], finding: findingOf(rule, findingOfError(error)) };
  }
}

/** Whether remembered facts did not suffice and are old enough to ask again: somebody may just have signed. */
export function isWorthAskingAgain(known: readonly Known[], verified: Case): boolean {
  return (
    known.some(({ parts }) => parts.some(({ discovery }) => discovery.ageMs > LIMITS.recheckMs)) &&
    verified.findings.some(({ code }) => code !== 'VERIFIED' && code !== 'EXEMPT')
  );
}
