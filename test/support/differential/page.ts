// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from './case.ts';

/** Why verifiers differ, and over which cases: by their names. */
export type Reason = { readonly title: string; readonly text: string; readonly cases: RegExp };

/** A part of the page: which other verifier it is about, and why that one says something else. */
export type Part = { readonly name: string; readonly them: string; readonly reasons: readonly Reason[] };

/** A case, and what the two verifiers say of it. */
type Compared = {
  readonly one: { readonly name: string };
  readonly ours: Verdict;
  readonly theirs: Verdict;
};

const PAGE = join(import.meta.dirname, '../../../docs/reference/differences.md');

/** How many cases are judged at a time: some verifiers are a process of its own. */
const WORKERS = 3;

/**
 * Asks both verifiers about every case. Demands that each difference has its reason, and that all of it stands in the page.
 */
export async function holdPart<Case extends { readonly name: string }>(
  { name, them, reasons }: Part,
  cases: readonly Case[],
  ours: (one: Case) => Verdict | Promise<Verdict>,
  theirs: (one: Case) => Verdict | Promise<Verdict>,
): Promise<void> {
  const compared = await compareAll(cases, ours, theirs);
  demandReasons(compared, reasons);
  comparePart(name, renderDifferences(compared, reasons, them));
}

/** In any order. */
async function compareAll<Case extends { readonly name: string }>(
  cases: readonly Case[],
  ours: (one: Case) => Verdict | Promise<Verdict>,
  theirs: (one: Case) => Verdict | Promise<Verdict>,
): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  const entries = cases.entries();
  const work = async () => {
    for (const [at, one] of entries) compared[at] = { one, ours: await ours(one), theirs: await theirs(one) };
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return compared;
}

/**
 * Demands that each difference has one reason, and that no reason speaks of a case over which nobody differs: fails with the
 * names.
 */
function demandReasons(compared: readonly Compared[], reasons: readonly Reason[]): void {
  const differing = (one: Compared) => one.ours.accepts !== one.theirs.accepts;
  const wrong = compared.flatMap((each) => {
    const titles = reasons.filter(({ cases }) => cases.test(each.one.name)).map(({ title }) => title);
    if (titles.length === (differing(each) ? 1 : 0)) return [];
    const { ours, theirs } = each;
    return [`${each.one.name}: ${ours.reason} / ${theirs.reason}; reasons: ${titles.join(', ') || 'none'}`];
  });
  assert.deepEqual(wrong, [], 'differences without a reason, or reasons without a difference');
  const unused = reasons.filter(({ cases }) => !compared.some(({ one }) => cases.test(one.name)));
  assert.deepEqual(
    unused.map(({ title }) => title),
    [],
    'reasons of no case',
  );
}

/** How many cases were compared, and a table of those that differ for each reason. */
function renderDifferences(compared: readonly Compared[], reasons: readonly Reason[], them: string): string {
  const count = (ours: boolean, theirs: boolean) =>
    compared.filter((one) => one.ours.accepts === ours && one.theirs.accepts === theirs).length;
  const counts = [
    `${compared.length} cases were compared.`,
    '',
    `| | ${them} accepts | ${them} rejects |`,
    '|---|---|---|',
    `| **Countersign accepts** | ${count(true, true)} | ${count(true, false)} |`,
    `| **Countersign rejects** | ${count(false, true)} | ${count(false, false)} |`,
  ];
  const tables = [false, true].flatMap((accepts) => {
    const heading = accepts
      ? `### Accepted here, rejected by ${them}`
      : `### Rejected here, accepted by ${them}`;
    const sections = reasons.flatMap((reason) => {
      const of = compared.filter(({ one, ours }) => reason.cases.test(one.name) && ours.accepts === accepts);
      return of.length === 0 ? [] : ['', `**${reason.title}.** ${reason.text}`, '', ...tableOf(of, accepts)];
    });
    return sections.length === 0 ? [] : ['', heading, ...sections];
  });
  return `${[...counts, ...tables].join('\n')}\n`;
}

function tableOf(compared: readonly Compared[], accepts: boolean): string[] {
  if (accepts) return compared.map(({ one }) => `- ${one.name}`);
  return compared.map(({ one, ours }) => `- ${one.name}: \`${ours.reason}\``);
}

/**
 * Compares a part of the page, byte for byte; writes it instead where `WRITE_DIFFERENCES` is set. A part stands between
 * two comments with its name.
 */
function comparePart(name: string, text: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- begin ${name} -->\n`, `<!-- end ${name} -->\n`];
  const [from, until] = [page.indexOf(begin) + begin.length, page.indexOf(end)];
  assert.ok(from >= begin.length && until >= from, `${PAGE} has no part ${name}`);
  if (process.env['WRITE_DIFFERENCES']) {
    writeFileSync(PAGE, `${page.slice(0, from)}\n${text}\n${page.slice(until)}`);
    return;
  }
  assert.equal(
    page.slice(from, until),
    `\n${text}\n`,
    'differences.md is not what was found: npm run differences',
  );
}
