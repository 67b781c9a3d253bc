// SPDX-License-Identifier: Apache-2.0
import type { ImageReference } from '../image/index.ts';
import type { CompiledPolicy } from '../policy/index.ts';
import type { Case } from './case.ts';
import type { Question } from './question.ts';

/** The case that *match* found last for a reference, and what else it depends on. */
type Kept = Pick<Question, 'modes'> & { readonly namespace: string | undefined; readonly found: Case };

/** By snapshot of policies and by reference, and gone with either. */
const KEPT = new WeakMap<readonly CompiledPolicy[], WeakMap<ImageReference, Kept>>();

/**
 * What *match* found before for exactly this snapshot of policies, reference, namespace and modes. It says nothing
 * of signatures: only which rules are still to be asked.
 */
export function recallCase(
  reference: ImageReference,
  { scope, modes }: Question,
  policies: readonly CompiledPolicy[],
): Case | undefined {
  const kept = KEPT.get(policies)?.get(reference);
  if (kept === undefined || scope.namespaceLabels !== undefined) return undefined;
  return kept.namespace === scope.namespace && kept.modes === modes ? kept.found : undefined;
}

/** Keeps a case with nothing but open rules that require signatures: no exemption in it, which ends at a time. */
export function keepCase(
  reference: ImageReference,
  { scope, modes }: Question,
  policies: readonly CompiledPolicy[],
  found: Case,
): void {
  if (scope.namespaceLabels !== undefined || !isTimeless(found)) return;
  const cases = KEPT.get(policies) ?? new WeakMap<ImageReference, Kept>();
  cases.set(reference, { namespace: scope.namespace, found, ...(modes === undefined ? {} : { modes }) });
  KEPT.set(policies, cases);
}

function isTimeless({ open, findings }: Case): boolean {
  return findings.length === 0 && open.every(({ rule }) => rule.allow === undefined);
}
