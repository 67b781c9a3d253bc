// SPDX-License-Identifier: Apache-2.0
import type { Figure, Row } from './figure.ts';
import { addedByWebhooks } from './figures/api-server.ts';
import { cacheSize } from './figures/cache-size.ts';
import { children } from './figures/children.ts';
import { keyedVerification } from './figures/keyed-verification.ts';
import { keylessRequests } from './figures/keyless-requests.ts';
import { keylessRekorV2, keylessVerification } from './figures/keyless-verification.ts';
import { memoryOfServe } from './figures/memory.ts';
import { bundleRequests, legacyRequests } from './figures/registry-requests.ts';
import { secondPass } from './figures/second-pass.ts';
import { simultaneous } from './figures/simultaneous.ts';
import { warmValidate } from './figures/warm-validate.ts';
import { renderSources, renderTable } from './table.ts';

const FIGURES: Readonly<Record<string, Figure>> = {
  verify: keyedVerification,
  keyless: keylessVerification,
  rekor2: keylessRekorV2,
  validate: warmValidate,
  legacy: legacyRequests,
  bundle: bundleRequests,
  identities: keylessRequests,
  second: secondPass,
  simultaneous,
  cache: cacheSize,
  memory: memoryOfServe,
  api: addedByWebhooks,
  children,
};

// Without arguments all of them; `npm run bench -- verify cache` measures some.
const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(FIGURES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await measure()));
}
process.stdout.write(`${renderTable(rows)}\n${renderSources(rows)}`);
process.exitCode = rows.every((row) => row.ok) && rows.length > 0 ? 0 : 1;
