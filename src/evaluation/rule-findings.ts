// SPDX-License-Identifier: Apache-2.0
import { type Finding, pinsImages, type RuleFinding } from '../decide.ts';
import { asCountersignError, CODES } from '../errors.ts';
import type { ImageReference } from '../image/index.ts';
import {
  type Exemption,
  lastDayBefore,
  type Match,
  type Mode,
  type RuleMatch,
  strictestPossibleMode,
} from '../policy/index.ts';
import type { Resolution } from './ask-for-tag.ts';
import type { Deps, Question, Subject } from './question.ts';

/** A finding in the name of a rule and in its mode. */
export function findingOf(rule: Pick<RuleMatch, 'policy' | 'rule' | 'mode'>, finding: Finding): RuleFinding {
  return { policy: rule.policy.name, rule: rule.rule.name, mode: rule.mode, ...finding };
}

/** What an error says of an image: `rejected` where its code is evidence, else `inconclusive`; never a yes. */
export function findingOfError(error: unknown): Finding {
  const { code, message } = asCountersignError(error);
  return { verdict: CODES[code].class === 'rejected' ? 'rejected' : 'inconclusive', code, message };
}

/** The finding where no rule could be chosen: an unreadable object or reference; in the strictest possible mode. */
export function findingWithoutRule(error: unknown, question: Question, deps: Deps): RuleFinding {
  const mode = modeOf(strictestPossibleMode(deps.policies, question.scope), question);
  return { policy: '', rule: '', mode, ...findingOfError(error) };
}

/** Documents whose rule cannot be chosen yet: what nobody could say is inconclusive, never the next rule. */
export function undecidedFindings(match: Match, question: Question): RuleFinding[] {
  return match.undecided.map((one) =>
    findingOf(
      { ...one, mode: modeOf(one.mode, question) },
      {
        verdict: 'inconclusive',
        code: one.code,
        message: `rule ${one.rule.name} selects by namespaceLabels, and the labels of the Namespace are not known`,
      },
    ),
  );
}

/** The matching rules, in the modes that apply to this question. */
export function rulesOf(match: Match, question: Question): RuleMatch[] {
  return match.rules.map((rule) => ({
    ...rule,
    mode: modeOf(rule.mode, question),
    claimMode: modeOf(rule.claimMode, question),
  }));
}

/** The mode that applies to this question. */
export function modeOf(mode: Mode, question: Question): Mode {
  if (question.modes === undefined) return mode;
  return question.modes === 'enforced' ? 'enforce' : 'audit';
}

/** What a rule says before the registry is asked anything; `undefined` where it must be asked. */
export function findBeforeResolve(
  rule: RuleMatch,
  reference: ImageReference,
  now: number,
): RuleFinding | undefined {
  const finding = findInRule(rule, reference, now);
  return finding && findingOf(rule, finding);
}

function findInRule(rule: RuleMatch, reference: ImageReference, now: number): Finding | undefined {
  if (rule.rule.forbidTags && reference.digest === undefined) {
    const message = 'the rule says tags: forbid; found a tag, wanted a digest in what was written';
    return { verdict: 'rejected', code: 'TAG_FORBIDDEN', message };
  }
  const { allow } = rule.rule;
  // An exemption that rests on a tag says nothing before the tag is confirmed, not even that it has ended.
  return allow === undefined || rule.confirmTag ? undefined : exemption(allow, now);
}

/** What a rule says once the tag was resolved; `undefined` where signatures must be looked at. */
export function findAfterResolve(
  rule: RuleMatch,
  reference: ImageReference,
  resolution: Resolution,
  question: Question,
  now: number,
): RuleFinding | undefined {
  const finding = findUnconfirmed(rule, reference, resolution);
  if (finding !== undefined) return findingOf({ ...rule, mode: rule.claimMode }, finding);
  const settled = findResolved(rule, reference, resolution, question, now);
  return settled && findingOf(rule, settled);
}

/** A tag that could not be asked for, or that does not give the digest beside it. */
function findUnconfirmed(
  rule: RuleMatch,
  reference: ImageReference,
  resolution: Resolution,
): Finding | undefined {
  const needsTag = rule.confirmTag || reference.digest === undefined;
  if (needsTag && resolution.error !== undefined) return findingOfError(resolution.error);
  if (!rule.confirmTag || reference.digest === undefined || resolution.tag?.digest === reference.digest) {
    return undefined;
  }
  const message = `the tag ${reference.tag} gives ${resolution.tag?.digest}, the reference names ${reference.digest}`;
  return { verdict: 'rejected', code: 'TAG_DIGEST_MISMATCH', message };
}

function findResolved(
  rule: RuleMatch,
  reference: ImageReference,
  resolution: Resolution,
  question: Question,
  now: number,
): Finding | undefined {
  if (rule.rule.allow !== undefined) return exemption(rule.rule.allow, now);
  if (isUnpinned(rule, reference, question)) {
    const message = `the Pod names a tag, which now gives ${resolution.tag?.digest}; wanted that digest in the reference`;
    return { verdict: 'rejected', code: 'NOT_PINNED', message };
  }
  return undefined;
}

/** Whether /mutate writes the digest into this use of the image, as far as this rule is asked. */
export function wantsPin(rule: RuleMatch, subject: Subject): boolean {
  if (rule.rule.forbidTags || !pinsImages(rule.mode, rule.rule)) return false;
  return rule.rule.pin === 'all' ? subject !== 'none' : rule.rule.pin === 'pods' && subject === 'pod';
}

function isUnpinned(rule: RuleMatch, reference: ImageReference, question: Question): boolean {
  if (!question.checkPins || question.subject !== 'pod' || reference.digest !== undefined) return false;
  return wantsPin(rule, question.subject);
}

function exemption(allow: Exemption, now: number): Finding {
  const until = allow.until === 'never' ? 'never' : lastDayBefore(allow.until);
  if (allow.until !== 'never' && now >= allow.until) {
    const message = `the exemption "${allow.reason}" ended with ${until} (UTC)`;
    return { verdict: 'rejected', code: 'EXEMPTION_EXPIRED', message };
  }
  return {
    verdict: 'exempt',
    code: 'EXEMPT',
    message: `let in unverified: ${allow.reason} (until: ${until})`,
  };
}
