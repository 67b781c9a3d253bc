// SPDX-License-Identifier: Apache-2.0
import type { ImageReference } from '../image/reference.ts';
import type { CompiledPolicy, Mode, Rule } from './compiled-policy.ts';
import { type Subject, subjectOf } from './pattern-match.ts';
import { testRule } from './rule-test.ts';
import { defaultMode, namespaceMode, type Scope, strictestMode } from './scope.ts';

/** The rule of one document that decides about an image. */
export type RuleMatch = {
  readonly policy: CompiledPolicy;
  readonly rule: Rule;
  readonly mode: Mode;
  /**
   * The rule was chosen because of the tag in a reference with tag and digest, or a `where` of it looks at that: *resolve* must
   * confirm that the tag gives the digest, else TAG_DIGEST_MISMATCH.
   */
  readonly confirmTag: boolean;
  /**
   * The mode while the claim is not confirmed: the stricter of `mode` and what the digest alone would meet. The
   * author of a workload must not pick a laxer rule by naming a tag that is not true.
   */
  readonly claimMode: Mode;
};

/** A document of which nobody can say which rule decides. */
export type Undecided = {
  readonly policy: CompiledPolicy;
  readonly rule: Rule;
  /** The strictest of the modes that the rule in question, or those after it, would have. */
  readonly mode: Mode;
  readonly code: 'NAMESPACE_LABELS_UNKNOWN';
};

/** What the documents say about an image; every one of the rules must be satisfied. */
export type Match = {
  /** One per document that applies. */
  readonly rules: readonly RuleMatch[];
  /** For NO_RULE, where `rules` and `undecided` are empty; not laxer than what the digest alone would meet. */
  readonly defaultMode: Mode;
  readonly undecided: readonly Undecided[];
};

/**
 * Chooses, in each document, the first rule that matches. Pure; documents compose by *and*, so that one more
 * document can tighten and never loosen.
 */
export function match(policies: readonly CompiledPolicy[], reference: ImageReference, scope: Scope): Match {
  const subject = subjectOf(reference);
  const documents = policies.map((policy) => matchDocument(policy, subject, scope));
  // A tag took the image out of every rule of a document: that document is silent on the word of a tag, and
  // the others are held to it.
  const silenced = documents.some((document) => document.claimed && document.rule === undefined);
  const claimed = policies.filter((_, index) => restsOnClaim(documents[index]));
  const unclaimed = claimed.map((policy) => modeOfBareDigest(policy, reference, scope));
  const atLeast = (mode: Mode) => strictestMode([mode, ...unclaimed]);
  return {
    rules: documents.flatMap(({ rule }) =>
      rule === undefined
        ? []
        : [
            {
              ...rule,
              confirmTag: rule.confirmTag || silenced || showsTag(rule.rule, reference),
              claimMode: atLeast(rule.mode),
            },
          ],
    ),
    defaultMode: atLeast(defaultMode(policies, scope)),
    undecided: documents.flatMap(({ undecided }) =>
      undecided === undefined
        ? []
        : [{ ...undecided, mode: undecidedMode(undecided, policies, reference, scope) }],
    ),
  };
}

/** Whether a condition would see a tag that the author of the workload wrote beside a digest, whatever it gives. */
function showsTag({ attestations = [] }: Rule, { tag, digest }: ImageReference): boolean {
  if (tag === undefined || digest === undefined) return false;
  return attestations.some(({ where }) => where?.looksAtTag === true);
}

/**
 * Nobody confirms the tag of an image whose rule cannot be chosen, so a tag beside a digest must not make its
 * mode laxer than what the digest alone would meet, in any document.
 */
function undecidedMode(
  { mode }: Undecided,
  policies: readonly CompiledPolicy[],
  reference: ImageReference,
  scope: Scope,
): Mode {
  if (reference.tag === undefined || reference.digest === undefined) return mode;
  return strictestMode([mode, ...policies.map((policy) => modeOfBareDigest(policy, reference, scope))]);
}

type DocumentMatch = {
  readonly rule?: Omit<RuleMatch, 'claimMode'>;
  readonly undecided?: Undecided;
  readonly claimed: boolean;
};

function restsOnClaim(document: DocumentMatch | undefined): boolean {
  return document !== undefined && (document.claimed || document.rule?.confirmTag === true);
}

/** The mode that the document would have if the reference had the digest and no tag. */
function modeOfBareDigest(policy: CompiledPolicy, { tag: _, ...bare }: ImageReference, scope: Scope): Mode {
  const { rule, undecided } = matchDocument(policy, subjectOf(bare), scope);
  return (rule ?? undecided)?.mode ?? namespaceMode(policy, scope);
}

function matchDocument(policy: CompiledPolicy, subject: Subject, scope: Scope): DocumentMatch {
  let claimed = false;
  for (const [index, rule] of policy.rules.entries()) {
    const test = testRule(rule, subject, scope);
    if (test.kind === 'excepted') claimed ||= test.confirmTag;
    if (test.kind === 'matches') {
      const mode = ruleMode(policy, rule, scope);
      return { rule: { policy, rule, mode, confirmTag: test.confirmTag || claimed }, claimed };
    }
    if (test.kind === 'undecided') {
      const mode = strictestMode(possibleModes(policy, index, subject, scope));
      return { undecided: { policy, rule, mode, code: 'NAMESPACE_LABELS_UNKNOWN' }, claimed };
    }
  }
  return { claimed };
}

/** The rule's own mode, else the first of `modes`, else enforce. */
function ruleMode(policy: CompiledPolicy, rule: Rule, scope: Scope): Mode {
  return rule.mode ?? namespaceMode(policy, scope);
}

/**
 * The modes of all rules that could be the deciding one, from the first undecided on. So an image does not get
 * in because a rule in audit mode might have been the one.
 */
function possibleModes(policy: CompiledPolicy, from: number, subject: Subject, scope: Scope): Mode[] {
  const modes: Mode[] = [];
  for (const rule of policy.rules.slice(from)) {
    const { kind } = testRule(rule, subject, scope);
    if (kind === 'matches' || kind === 'undecided') modes.push(ruleMode(policy, rule, scope));
    if (kind === 'matches') return modes;
  }
  return [...modes, namespaceMode(policy, scope)];
}
