// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Where } from './compiled-policy.ts';
import type { Path } from './issue.ts';
import { entriesOf, textAt, valueAt } from './raw.ts';
import type { Problem } from './schema-problem.ts';
import { compileWhere } from './where.ts';

/** The expressions of a document that could be compiled, by their text, and what is wrong with the others. */
export type Wheres = {
  readonly wheres: ReadonlyMap<string, Where>;
  readonly problems: readonly Problem[];
};

/** Compiles each `where` of a document, which need not be checked yet. */
export function compileWheres(document: unknown): Wheres {
  const wheres = new Map<string, Where>();
  const problems: Problem[] = [];
  for (const { text, path } of wheresIn(document)) {
    if (wheres.has(text)) continue;
    try {
      wheres.set(text, compileWhere(text));
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      problems.push({ path, message: error.message });
    }
  }
  return { wheres, problems };
}

/** Those whose length the schema has nothing against. */
function wheresIn(document: unknown): { readonly text: string; readonly path: Path }[] {
  return entriesOf(valueAt(document, 'rules')).flatMap((rule, index) =>
    entriesOf(valueAt(rule, 'attestations')).flatMap((entry, place) => {
      const text = textAt(entry, 'where') ?? '';
      const path = ['rules', index, 'attestations', place, 'where'];
      return text.trim() === '' || text.length > LIMITS.whereLength ? [] : [{ text, path }];
    }),
  );
}
