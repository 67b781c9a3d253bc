// SPDX-License-Identifier: Apache-2.0
import type { CompiledPolicy } from './compiled-policy.ts';

/**
 * - `error`: the document is not valid, or leaves open what nobody means to
 * - `warning`: it is, and probably not what was meant
 * - `road-in`: a way in for what is not verified, with its reason where it has one
 */
export type FindingLevel = 'error' | 'warning' | 'road-in';

/** One thing to know about a policy. `line` counts from 1. */
export type Finding = {
  readonly level: FindingLevel;
  readonly file: string;
  readonly line: number;
  readonly path: string;
  readonly message: string;
};

/** A finding about a place in a document. */
export type FindingAt = Omit<Finding, 'file' | 'line'>;

/** The findings with file and line, in the order of the file. */
export function locateFindings(policy: CompiledPolicy, findings: readonly FindingAt[]): readonly Finding[] {
  return findings
    .map((finding) => ({ ...finding, file: policy.source, line: policy.lines.get(finding.path) ?? 1 }))
    .sort((a, b) => a.line - b.line);
}
