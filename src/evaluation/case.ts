// SPDX-License-Identifier: Apache-2.0
import type { RuleFinding } from '../decide.ts';
import type { TagAnswer } from '../discover/index.ts';
import type { ImageReference, PinnedImage } from '../image/index.ts';
import type { RuleMatch } from '../policy/index.ts';
import type { SignatureOutcome } from '../verify/index.ts';

/**
 * One image on its way through the pipeline. Each stage turns rules that are still open into findings; an
 * image whose rules are all settled passes the remaining stages untouched, without a request.
 */
export type Case = {
  readonly reference: ImageReference;
  readonly open: readonly RuleMatch[];
  readonly findings: readonly RuleFinding[];
  readonly outcomes: readonly SignatureOutcome[];
  readonly pinned?: PinnedImage;
  /** What the tag gave, where it had to be known. */
  readonly tag?: TagAnswer;
};

/** The case after a stage: what the rule-by-rule `find` settles becomes findings, the rest stays open. */
export function settle(before: Case, find: (rule: RuleMatch) => RuleFinding | undefined): Case {
  const open: RuleMatch[] = [];
  const settled: RuleFinding[] = [];
  for (const rule of before.open) {
    const finding = find(rule);
    if (finding === undefined) open.push(rule);
    else settled.push(finding);
  }
  return settled.length === 0 ? before : { ...before, open, findings: [...before.findings, ...settled] };
}
