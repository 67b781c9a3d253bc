// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { formatImageReference, pinImage } from '../image/index.ts';
import { type CompiledPolicy, match } from '../policy/index.ts';
import { type Case, settle } from './case.ts';
import type { Question } from './question.ts';
import { readReference } from './read-reference.ts';
import { findBeforeResolve, findingOf, rulesOf, undecidedFindings } from './rule-findings.ts';

/**
 * The rules that speak for an image, one per applying document, less what they say without the registry:
 * exemptions, `tags: forbid`.
 *
 * @throws CountersignError REFERENCE_INVALID, DIGEST_INVALID, NO_RULE
 */
export function matchRules(
  image: string,
  question: Question,
  policies: readonly CompiledPolicy[],
  now: number,
): Case {
  const reference = readReference(image);
  const matched = match(policies, reference, question.scope);
  const undecided = undecidedFindings(matched, question);
  const open = rulesOf(matched, question);
  if (open.length + undecided.length === 0) {
    const names = policies.map((policy) => policy.name).join(', ');
    throw new CountersignError('NO_RULE', `no rule of ${names} matches ${formatImageReference(reference)}`);
  }
  const written = reference.digest === undefined ? {} : { pinned: pinImage(reference, reference.digest) };
  return settle({ reference, open, findings: undecided, outcomes: [], ...written }, (rule) => {
    const finding = findBeforeResolve(rule, reference, now);
    return finding && findingOf(rule, finding);
  });
}
