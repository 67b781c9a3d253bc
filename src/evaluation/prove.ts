// SPDX-License-Identifier: Apache-2.0
import { decideRequirement, type RuleFinding } from '../decide.ts';
import type { Discovery, Facts } from '../discover/index.ts';
import { LIMITS } from '../limits.ts';
import type { RuleMatch } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import type { SignatureOutcome } from '../verify/index.ts';
import type { Case } from './case.ts';
import { findingOf, findingOfError } from './rule-findings.ts';
import { verifySignatures } from './signature-outcomes.ts';

const NOTHING: Discovery = { candidates: [], failures: [], ageMs: 0 };

/** The candidates of an image in both stores, where a rule is still open. */
export async function discoverCandidates(
  before: Case,
  facts: Facts,
  exchange: Exchange,
  maxAgeMs?: number,
): Promise<Discovery> {
  if (before.open.length === 0 || before.pinned === undefined) return NOTHING;
  return facts.discover(before.pinned, exchange, maxAgeMs);
}

/**
 * Verifies the candidates for each open rule. A rule whose verification breaks off (deadline, caller gone, a
 * defect) is inconclusive, in its own mode.
 */
export async function verifyCandidates(
  before: Case,
  discovery: Discovery,
  now: number,
  signal: AbortSignal,
): Promise<Case> {
  const findings: RuleFinding[] = [...before.findings];
  const outcomes: SignatureOutcome[] = [];
  for (const rule of before.open) {
    try {
      const its = await verifyFor(rule, before, discovery, now, signal);
      outcomes.push(...its.outcomes);
      findings.push(findingOf(rule, its.finding));
    } catch (error) {
      findings.push(findingOf(rule, findingOfError(error)));
    }
  }
  return { ...before, open: [], findings, outcomes };
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
) {
  const { require: requirement } = rule.rule;
  if (requirement === undefined || pinned === undefined) {
    throw new TypeError(`rule ${rule.rule.name} has nothing to verify`);
  }
  const outcomes = await verifySignatures(requirement, discovery.candidates, pinned, now, signal);
  return { outcomes, finding: decideRequirement(requirement, outcomes, discovery.failures) };
}
