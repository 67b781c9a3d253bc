// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';

/**
 * Refuses a second value of each option that has room for one only: of who must have signed, the last one would count and
 * the others would be believed to.
 */
export function refuseTwice(command: Command): void {
  for (const option of command.options) {
    if (!option.required || option.parseArg !== undefined || option.defaultValue !== undefined) continue;
    option.argParser((value: string, before: string | undefined) => {
      if (before === undefined) return value;
      const message = `--${option.name()}: given twice, ${quote(before)} and ${quote(value)}`;
      throw new CountersignError('USAGE', message);
    });
  }
}
