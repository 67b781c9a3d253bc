// SPDX-License-Identifier: Apache-2.0
import { loadPolicies } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { type Finding, lintPolicy, PolicyError } from '../policy/index.ts';
import type { OutputFormat } from './print-report.ts';
import type { Terminal } from './terminal.ts';

type LintOptions = { readonly policy?: readonly string[]; readonly output: OutputFormat };

/**
 * `countersign policy lint FILE…`: every error at once, everything that is probably a mistake, and every road
 * in for what is not verified. Exit code 2 for errors; warnings and roads in are for a reviewer.
 */
export async function lintCommand(
  files: readonly string[],
  options: LintOptions,
  terminal: Terminal,
): Promise<number> {
  const paths = [...files, ...(options.policy ?? [])];
  if (paths.length === 0) throw new CountersignError('USAGE', 'policy lint needs a file: policy lint FILE');
  const findings = lint(paths, Date.now());
  terminal.out(
    options.output === 'json' ? `${JSON.stringify({ findings }, null, 2)}\n` : findings.map(line).join(''),
  );
  const errors = findings.filter((finding) => finding.level === 'error').length;
  terminal.err(`countersign: ${summary(findings)}\n`);
  return errors > 0 ? 2 : 0;
}

function lint(paths: readonly string[], now: number): readonly Finding[] {
  try {
    return loadPolicies(paths).flatMap((policy) => lintPolicy(policy, now));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ column, ...issue }) => ({ level: 'error', ...issue }));
  }
}

function line({ level, file, line: number, path, message }: Finding): string {
  return `${file}:${number}: ${level}: ${path === '' ? '' : `${path}: `}${message}\n`;
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Finding['level'], one: string, several: string) => {
    const number = findings.filter((finding) => finding.level === level).length;
    return `${number} ${number === 1 ? one : several}`;
  };
  return [
    count('error', 'error', 'errors'),
    count('warning', 'warning', 'warnings'),
    count('road-in', 'road in', 'roads in'),
  ].join(', ');
}
