// SPDX-License-Identifier: Apache-2.0
import type { RuleFinding } from '../decide.ts';
import { formatImageReference, type ImageReference, pinImage } from '../image/index.ts';
import { type CompiledPolicy, type Match, match } from '../policy/index.ts';
import { type Case, settle } from './case.ts';
import { keepCase, recallCase } from './case-memo.ts';
import type { Question } from './question.ts';
import { readReference } from './read-reference.ts';
import { findBeforeResolve, modeOf, rulesOf, undecidedFindings } from './rule-findings.ts';

/**
 * The rules that speak for an image, one per applying document, less what they say without the registry:
 * exemptions, `tags: forbid`.
 *
 * @throws CountersignError REFERENCE_INVALID, DIGEST_INVALID
 */
export function matchRules(
  image: string,
  question: Question,
  policies: readonly CompiledPolicy[],
  now: number,
): Case {
  const reference = readReference(image);
  const known = recallCase(reference, question, policies);
  if (known !== undefined) return known;
  const found = matchAnew(reference, question, policies, now);
  keepCase(reference, question, policies, found);
  return found;
}

function matchAnew(
  reference: ImageReference,
  question: Question,
  policies: readonly CompiledPolicy[],
  now: number,
): Case {
  const matched = match(policies, reference, question.scope);
  const undecided = undecidedFindings(matched, question);
  const open = rulesOf(matched, question);
  const findings =
    open.length + undecided.length > 0 ? undecided : [noRule(reference, matched, question, policies)];
  const written = reference.digest === undefined ? {} : { pinned: pinImage(reference, reference.digest) };
  return settle({ reference, open, findings, outcomes: [], ...written }, (rule) =>
    findBeforeResolve(rule, reference, now),
  );
}

function noRule(
  reference: ImageReference,
  matched: Match,
  question: Question,
  policies: readonly CompiledPolicy[],
): RuleFinding {
  const names = policies.map((policy) => policy.name).join(', ');
  const message = `no rule of ${names} matches ${formatImageReference(reference)}`;
  const mode = modeOf(matched.defaultMode, question);
  return { policy: '', rule: '', mode, verdict: 'rejected', code: 'NO_RULE', message };
}
