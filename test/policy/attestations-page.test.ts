// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { predicateTypeOf } from '../../src/policy/predicate-type.ts';
import { compileWhere } from '../../src/policy/where.ts';

const PAGE = readFileSync(new URL('../../docs/reference/policy.md', import.meta.url), 'utf8');
const [, SECTION = ''] = PAGE.split(/^### Attestations$/m);

/** What stands in code spans in the columns of each row of a table. */
function rowsBelow(heading: string): (readonly string[])[] {
  const table = SECTION.split('\n\n').find((block) => new RegExp(`^\\| ${heading} `).test(block)) ?? '';
  return table
    .split('\n')
    .slice(2)
    .map((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|')));
}

test('the page has the short names of types, and what each stands for', () => {
  const rows = rowsBelow('short name');
  assert.ok(rows.length >= 8);
  for (const row of rows) {
    for (const name of row.slice(0, -1)) assert.equal(predicateTypeOf(name), row.at(-1), name);
  }
});

test('each condition that the page shows can be compiled', () => {
  const conditions = rowsBelow('wanted').map(([condition = '']) => condition);
  assert.ok(conditions.length >= 5);
  for (const condition of conditions) assert.equal(compileWhere(condition).text, condition);
});
