// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { formatIssue, type PolicyIssue } from '../policy/issue.ts';

/** One thing that is wrong with a Config document, and where; of the same shape as those of a policy. */
export type ConfigIssue = PolicyIssue;

/** Everything that is wrong with a Config document, in its order. Its code is CONFIG_INVALID. */
export class ConfigError extends CountersignError {
  override readonly name = 'ConfigError';
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    const sorted = [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
    super('CONFIG_INVALID', sorted.map(formatIssue).join('\n'));
    this.issues = sorted;
  }
}
