// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CODES } from '../src/errors.ts';
import { LIMITS } from '../src/limits.ts';

const PAGE = readFileSync(new URL('../docs/reference/limits.md', import.meta.url), 'utf8');
const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 * 1024 };

test('limits.md says of each limit what limits.ts says, and names codes that there are', () => {
  const rows = [...PAGE.matchAll(/^\| `(\w+)` +\| ([\d,]+) ?(\w*) +\| .* \| (\w+) +\|$/gm)];
  assert.equal(rows.length, PAGE.match(/^\| `/gm)?.length, 'every row is read');
  assert.ok(rows.length > 20);
  const known = new Map<string, unknown>(Object.entries(LIMITS));
  for (const [, name = '', bound = '', unit = '', code = ''] of rows) {
    assert.equal(Number(bound.replaceAll(',', '')) * (UNITS[unit] ?? Number.NaN), known.get(name), name);
    assert.ok(code in CODES, code);
  }
});
