// SPDX-License-Identifier: Apache-2.0
import { formatImageReference, type ImageReference } from '../image/reference.ts';
import type { CompiledPolicy, Mode, Requirement, Rule } from './compiled-policy.ts';
import { describeDenial, describeRule } from './describe.ts';
import { describeSigner } from './describe-signer.ts';
import { match } from './match.ts';
import { subjectOf } from './pattern-match.ts';
import { type RuleTest, testRule } from './rule-test.ts';
import type { Scope } from './scope.ts';
import { lastDayBefore } from './time.ts';

/** One rule that was held against the image, and what came of it in plain words. */
export type ExplainedRule = {
  readonly rule: string;
  readonly line: number;
  readonly outcome: 'matches' | 'skipped' | 'undecided';
  readonly reason: string;
};

/** How one document chose its rule: the rules up to the deciding one, in order. */
export type Explanation = {
  readonly policy: string;
  readonly source: string;
  readonly outcome: 'matches' | 'undecided' | 'no-rule';
  /** The deciding rule. */
  readonly rule?: string;
  /** The mode of the deciding rule; where there is none, of NO_RULE. */
  readonly mode: Mode;
  /** The tag must give the digest that stands beside it. */
  readonly confirmTag: boolean;
  readonly rules: readonly ExplainedRule[];
};

/** Of which image, where and when, and in which mode the deciding rule is. */
type Situation = {
  readonly reference: ImageReference;
  readonly scope: Scope;
  readonly now: number;
  readonly mode: Mode;
  /** Of the deciding rule: its own images may ask for it, a `where` of it, or a document that the tag silenced. */
  readonly confirmTag: boolean;
};

/**
 * Which rule of each document an image falls under, and why no earlier one: what `match` does, told.
 *
 * @param now in milliseconds since the epoch: exemptions end
 */
export function explain(
  policies: readonly CompiledPolicy[],
  reference: ImageReference,
  scope: Scope,
  now: number,
): readonly Explanation[] {
  const matched = match(policies, reference, scope);
  return policies.map((policy) => {
    const deciding = matched.rules.find((one) => one.policy === policy);
    const undecided = matched.undecided.find((one) => one.policy === policy);
    const found = deciding ?? undecided;
    const mode = found?.mode ?? matched.defaultMode;
    const confirmTag = deciding?.confirmTag ?? false;
    return {
      policy: policy.name,
      source: policy.source,
      outcome: deciding ? 'matches' : undecided ? 'undecided' : 'no-rule',
      ...(found && { rule: found.rule.name }),
      mode,
      confirmTag,
      rules: explainRules(policy, { reference, scope, now, mode, confirmTag }),
    };
  });
}

function explainRules(policy: CompiledPolicy, situation: Situation): ExplainedRule[] {
  const { reference, scope } = situation;
  const subject = subjectOf(reference);
  const explained: ExplainedRule[] = [];
  for (const [index, rule] of policy.rules.entries()) {
    const test = testRule(rule, subject, scope);
    const outcome = test.kind === 'matches' || test.kind === 'undecided' ? test.kind : 'skipped';
    explained.push({
      rule: rule.name,
      line: policy.lines.get(`rules[${index}]`) ?? 1,
      outcome,
      reason: reasonOf(test, rule, situation),
    });
    if (outcome !== 'skipped') break;
  }
  return explained;
}

function reasonOf(test: RuleTest, rule: Rule, situation: Situation): string {
  const { reference, scope, confirmTag } = situation;
  switch (test.kind) {
    case 'matches':
      return effectOf(rule, situation) + (confirmTag ? confirmed(reference) : '');
    case 'undecided':
      return `is for namespaces labelled ${labels(rule)}, and the labels of the Namespace are not known`;
    case 'other-image':
      return `its images do not match ${formatImageReference(reference)}${tagHint(rule, reference)}`;
    case 'other-namespace':
      return `is for namespaces ${rule.namespaces?.join(', ')}, not for ${scope.namespace || 'an image without a namespace'}`;
    case 'other-label':
      return `is for namespaces labelled ${labels(rule)}, and ${test.label} differs`;
    case 'excepted':
      return `its except takes the image out${test.confirmTag ? confirmed(reference) : ''}`;
  }
}

function effectOf(rule: Rule, { now, mode }: Situation): string {
  const until = rule.allow?.until ?? 'never';
  if (until === 'never' || now < until) return [describeRule(rule), ...signersOf(rule)].join('; ');
  const day = lastDayBefore(until);
  return `let it in unverified through ${day} (UTC), which is over: ${describeDenial('EXEMPTION_EXPIRED', mode)}`;
}

/** The signers of a rule of which there is more to say than their names. */
function signersOf({ require, attestations = [] }: Rule): ReadonlySet<string> {
  const all = [...(require === undefined ? [] : [require]), ...attestations.map(({ by }) => by)];
  return new Set(all.flatMap(signersIn));
}

function signersIn(requirement: Requirement): readonly string[] {
  if (requirement.kind === 'signer')
    return [describeSigner(requirement.signer)].filter((text) => text !== '');
  return requirement.of.flatMap(signersIn);
}

function confirmed(reference: ImageReference): string {
  return `, provided that the tag ${reference.tag} gives ${reference.digest}`;
}

function labels(rule: Rule): string {
  return Object.entries(rule.namespaceLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

function tagHint(rule: Rule, reference: ImageReference): string {
  const namesTag = rule.images.some((pattern) => pattern.tag !== undefined);
  return namesTag && reference.tag === undefined
    ? ' (a pattern with a tag never matches a digest alone)'
    : '';
}
