// SPDX-License-Identifier: Apache-2.0
import { decideRequirement, type RuleFinding } from '../decide.ts';
import { BYTES_UNDER_WAY, type Discovery, type Facts, sizeOfCandidates } from '../discover/index.ts';
import { LIMITS } from '../limits.ts';
import type { RuleMatch } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import type { SignatureOutcome } from '../verify/index.ts';
import type { Case } from './case.ts';
import { keepProof, type Proof, recallProof } from './proof-memo.ts';
import { findingOf, findingOfError } from './rule-findings.ts';
import { signersOf, verifySignatures } from './signature-outcomes.ts';

const NOTHING: Discovery = { candidates: [], failures: [], ageMs: 0 };

/** The candidates of an image in both stores, where a rule is still open; at once where they are remembered. */
export function discoverCandidates(
  before: Case,
  facts: Facts,
  exchange: Exchange,
  maxAgeMs?: number,
): Discovery | Promise<Discovery> {
  if (before.open.length === 0 || before.pinned === undefined) return NOTHING;
  return facts.discover(before.pinned, exchange, maxAgeMs);
}

/**
 * Verifies the candidates for each open rule. A rule whose verification breaks off (deadline, caller gone, a
 * defect) is inconclusive, in its own mode.
 */
export function verifyCandidates(
  before: Case,
  discovery: Discovery,
  now: number,
  exchange: Exchange,
): Case | Promise<Case> {
  const known = before.open.map((rule) => recallFor(rule, before, discovery, now));
  if (known.every((proof) => proof !== undefined)) return proved(before, known);
  return verifyAnew(before, discovery, now, exchange);
}

type Proved = { readonly finding: RuleFinding; readonly outcomes: readonly SignatureOutcome[] };

function proved(before: Case, proofs: readonly Proved[]): Case {
  const findings = [...before.findings, ...proofs.map((proof) => proof.finding)];
  return { ...before, open: [], findings, outcomes: proofs.flatMap((proof) => proof.outcomes) };
}

function recallFor(rule: RuleMatch, { pinned }: Case, discovery: Discovery, now: number): Proved | undefined {
  const { require: requirement } = rule.rule;
  if (requirement === undefined || pinned === undefined) return undefined;
  const proof = recallProof(requirement, discovery, pinned, now);
  return proof && { finding: findingOf(rule, proof.finding), outcomes: proof.outcomes };
}

async function verifyAnew(
  before: Case,
  discovery: Discovery,
  now: number,
  { signal }: Exchange,
): Promise<Case> {
  const proofs: Proved[] = [];
  // While it waits for its turns, the memory of facts may let go of what it holds.
  const { candidates } = discovery;
  const release = BYTES_UNDER_WAY.hold(candidates, sizeOfCandidates(candidates));
  try {
    for (const rule of before.open) {
      proofs.push(await verifyRule(rule, before, discovery, now, signal));
    }
  } finally {
    release();
  }
  return proved(before, proofs);
}

async function verifyRule(
  rule: RuleMatch,
  before: Case,
  discovery: Discovery,
  now: number,
  signal: AbortSignal,
): Promise<Proved> {
  try {
    const { outcomes, finding } = await verifyFor(rule, before, discovery, now, signal);
    return { outcomes, finding: findingOf(rule, finding) };
  } catch (error) {
    return { outcomes: [], finding: findingOf(rule, findingOfError(error)) };
  }
}

/** Whether remembered facts did not suffice and are old enough to ask again: somebody may just have signed. */
export function isWorthAskingAgain(discovery: Discovery, verified: Case): boolean {
  return (
    discovery.ageMs > LIMITS.recheckMs &&
    verified.findings.some(({ code }) => code !== 'VERIFIED' && code !== 'EXEMPT')
  );
}

async function verifyFor(
  rule: RuleMatch,
  { pinned }: Case,
  discovery: Discovery,
  now: number,
  signal: AbortSignal,
): Promise<Proof> {
  const { require: requirement } = rule.rule;
  if (requirement === undefined || pinned === undefined) {
    throw new TypeError(`rule ${rule.rule.name} has nothing to verify`);
  }
  const { candidates, failures } = discovery;
  const outcomes = await verifySignatures(requirement, candidates, pinned, now, signal);
  const proof = { outcomes, finding: decideRequirement(requirement, outcomes, failures) };
  keepProof(requirement, signersOf(requirement), discovery, pinned, now, proof);
  return proof;
}
