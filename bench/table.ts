// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { Row } from './figure.ts';

/** A baseline is read beside its figure, or it convinces nobody. */
const LONGEST_SOURCE = 30;

/** The figures as a table in Markdown, as `docs/reference/performance.md` keeps it. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [
    ['figure', 'measured', 'must reach', ''],
    ...rows.map((row) => [row.figure, row.measured, row.wanted ?? '', outcomeOf(row)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const [head = '', ...body] = cells.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`,
  );
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|\n`;
  return [head, rule, ...body].join('');
}

/** The source of each baseline. */
export function renderSources(rows: readonly Row[]): string {
  const files = new Set(rows.flatMap(({ baseline }) => baseline ?? []));
  return [...files].map((file) => `--- ${file}\n${sourceOf(file)}\n`).join('');
}

function outcomeOf(row: Row): string {
  if (row.wanted === undefined) return '';
  return row.ok ? 'ok' : 'SHORT';
}

function sourceOf(file: string): string {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  if (text.trimEnd().split('\n').length > LONGEST_SOURCE) throw new Error(`${file}: more than 30 lines`);
  return text;
}
