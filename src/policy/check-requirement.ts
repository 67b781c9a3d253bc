// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import type { Path } from './issue.ts';
import { entriesOf, valueAt } from './raw.ts';
import type { Problem } from './schema-problem.ts';
import { suggest } from './suggest.ts';

/**
 * The names in a requirement, which need not be checked yet, and its size. Entries and depth are counted over the whole, so
 * that nesting does not multiply them.
 */
export function checkRequirement(requirement: unknown, path: Path, signers: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  let entries = 0;
  const visit = (node: unknown, at: Path, depth: number): void => {
    entries++;
    if (depth > LIMITS.requirementDepth) {
      problems.push({ path: at, message: `nested deeper than ${LIMITS.requirementDepth}` });
      return;
    }
    if (typeof node === 'string') problems.push(...checkSignerName(node, at, signers));
    problems.push(...checkThreshold(node, at));
    for (const key of ['any', 'all', 'of']) {
      for (const [index, entry] of entriesOf(valueAt(node, key)).entries()) {
        visit(entry, [...at, key, index], depth + 1);
      }
    }
  };
  visit(requirement, path, 0);
  if (entries > LIMITS.requirementEntries) {
    problems.push({
      path,
      message: `a requirement with ${entries} entries (allowed: ${LIMITS.requirementEntries})`,
    });
  }
  return problems;
}

function checkSignerName(name: string, path: Path, signers: readonly string[]): Problem[] {
  if (signers.includes(name)) return [];
  return [{ path, message: `unknown signer ${quote(name)} ${suggest(name, signers)}` }];
}

function checkThreshold(node: unknown, path: Path): Problem[] {
  const count = valueAt(node, 'atLeast');
  const of = valueAt(node, 'of');
  if (!Number.isInteger(count) || !Array.isArray(of) || of.length === 0) return [];
  const distinct = new Set(of.map((entry) => JSON.stringify(entry))).size;
  if (Number(count) <= distinct) return [];
  const message = `atLeast ${count} of ${distinct} different entries can never hold`;
  return [{ path: [...path, 'atLeast'], message }];
}
