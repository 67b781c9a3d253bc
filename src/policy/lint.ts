// SPDX-License-Identifier: Apache-2.0

import { type CompileOptions, compilePolicies } from './compile.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { type Finding, locateFindings } from './finding.ts';
import { PolicyError } from './issue.ts';
import { lintAttestations } from './lint-attestations.ts';
import { lintOverlaps } from './lint-overlaps.ts';
import { lintRoadsIn } from './lint-roads.ts';
import { lintRules } from './lint-rules.ts';
import { lintSigners } from './lint-signers.ts';

/**
 * All that is worth knowing about a valid policy: every road in for what is not verified, and what is probably
 * a mistake. Pure; `now` is in milliseconds since the epoch.
 */
export function lintPolicy(policy: CompiledPolicy, now: number): readonly Finding[] {
  return locateFindings(policy, [
    ...lintRoadsIn(policy, now),
    ...lintSigners(policy, now),
    ...lintRules(policy),
    ...lintOverlaps(policy),
    ...lintAttestations(policy),
  ]);
}

/** As {@link lintPolicy} for all documents of a text; where it is not valid, its issues as errors. Never throws a PolicyError. */
export function lintPolicyText(text: string, options: CompileOptions, now: number): readonly Finding[] {
  try {
    return compilePolicies(text, options).flatMap((policy) => lintPolicy(policy, now));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ file, line, path, message }) => ({
      level: 'error',
      file,
      line,
      path,
      message,
    }));
  }
}
