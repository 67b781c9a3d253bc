// SPDX-License-Identifier: Apache-2.0
import { type Report, renderJson, renderText } from '../report/index.ts';
import type { Terminal } from './terminal.ts';

/** `--output`: text for people, json for scripts. */
export type OutputFormat = 'text' | 'json';

/** Prints a report to standard output. */
export function printReport(report: Report, format: OutputFormat, terminal: Terminal): void {
  terminal.out(format === 'json' ? renderJson(report) : renderText(report, { color: terminal.color }));
}
