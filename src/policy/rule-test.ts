// SPDX-License-Identifier: Apache-2.0
import type { Rule } from './compiled-policy.ts';
import { matchPatterns, type Subject } from './pattern-match.ts';
import { matchesNamespace, missingLabel, type Scope } from './scope.ts';

/**
 * Whether a rule is for an image, or the first reason why it is not.
 *
 * `confirmTag`: the answer rests on a tag that stands beside a digest, and holds only if *resolve* confirms
 * that the tag gives the digest.
 */
export type RuleTest =
  | { readonly kind: 'matches'; readonly confirmTag: boolean }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'other-image' }
  | { readonly kind: 'other-namespace' }
  | { readonly kind: 'other-label'; readonly label: string }
  | { readonly kind: 'excepted'; readonly confirmTag: boolean };

/**
 * Holds one rule against an image. Unknown labels leave open whether the rule matches; they never let the next
 * rule have the image, which may be a looser one.
 */
export function testRule(rule: Rule, subject: Subject, scope: Scope): RuleTest {
  const images = matchPatterns(rule.images, subject);
  if (images === 'no') return { kind: 'other-image' };
  if (rule.namespaces !== undefined && !matchesNamespace(rule.namespaces, scope))
    return { kind: 'other-namespace' };
  const label = knownMismatch(rule, scope);
  if (label !== undefined) return { kind: 'other-label', label };
  const except = matchPatterns(rule.except, subject);
  if (except === 'yes') return { kind: 'excepted', confirmTag: false };
  if (rule.namespaceLabels !== undefined && scope.namespaceLabels === undefined) return { kind: 'undecided' };
  if (except === 'claimed') return { kind: 'excepted', confirmTag: true };
  return { kind: 'matches', confirmTag: images === 'claimed' };
}

function knownMismatch(rule: Rule, scope: Scope): string | undefined {
  if (rule.namespaceLabels === undefined || scope.namespaceLabels === undefined) return undefined;
  return missingLabel(rule.namespaceLabels, scope.namespaceLabels);
}
