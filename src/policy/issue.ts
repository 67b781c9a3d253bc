// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';

/** The way from the top of a document to a value: keys and indexes. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a policy document, and where. `line` and `column` count from 1. */
export type PolicyIssue = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Such as `rules[2].require.any[0]`; empty for the document as a whole. */
  readonly path: string;
  /** What was found and what is allowed. */
  readonly message: string;
};

/** Everything that is wrong with policy files, file by file and in the order of each. Its code is POLICY_INVALID. */
export class PolicyError extends CountersignError {
  override readonly name = 'PolicyError';
  readonly issues: readonly PolicyIssue[];

  constructor(issues: readonly PolicyIssue[]) {
    const files = [...new Set(issues.map((issue) => issue.file))];
    const place = (issue: PolicyIssue) => files.indexOf(issue.file);
    const sorted = [...issues].sort((a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column);
    super('POLICY_INVALID', sorted.map(formatIssue).join('\n'));
    this.issues = sorted;
  }
}

/** One line: `policy.yaml:12:5: rules[2].require: unknown signer …`. */
export function formatIssue(issue: PolicyIssue): string {
  const path = issue.path === '' ? '' : `${issue.path}: `;
  return `${issue.file}:${issue.line}:${issue.column}: ${path}${issue.message}`;
}

/** The path as people write it: `rules[2].require`, `signers["odd name"].key`. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('').replace(/^\./, '');
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** What is wrong with one text of a policy; where it stands is added by whoever reads the document. */
export function invalidText(why: string): CountersignError {
  return new CountersignError('POLICY_INVALID', why);
}
