// SPDX-License-Identifier: Apache-2.0
import type * as z from 'zod';
import { quote } from '../image/quote.ts';
import type { Path } from './issue.ts';
import type { Target } from './locate.ts';
import { suggest } from './suggest.ts';

/** Something wrong at a path of a document. */
export type Problem = { readonly path: Path; readonly message: string; readonly target?: Target };

type Issue = z.core.$ZodIssue;
type UnionIssue = z.core.$ZodIssueInvalidUnion;

/** What zod found, in words for the author of the document: what was found, and what is allowed. */
export function problemsOf(issues: readonly Issue[], above: Path = []): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, [...above, ...(issue.path as Path)]));
}

function problemsOfIssue(issue: Issue, path: Path): Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, issue.message.split(',')));
    case 'invalid_union':
      return unionProblems(issue, path);
    case 'invalid_key':
      return [{ path, target: 'key', message: `${quote(String(path.at(-1)))}: ${issue.issues[0]?.message}` }];
    case 'invalid_type':
      return [{ path, message: typeMessage(issue.expected, issue.input, issue.message) }];
    case 'invalid_value':
      return [{ path, message: valueMessage(issue.input, issue.values.map(String)) }];
    default:
      return [{ path, message: withFound(issue.message, issue.input) }];
  }
}

function unknownKey(key: string, path: Path, known: readonly string[]): Problem {
  return { path: [...path, key], target: 'key', message: `unknown key ${quote(key)} ${suggest(key, known)}` };
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
};

/** `message`: what is wanted in the schema's own words, where it has some; else it is zod's sentence. */
function typeMessage(expected: string, found: unknown, message: string): string {
  const wanted = message.startsWith('Invalid input') ? (WORDS[expected] ?? expected) : message;
  if (found === undefined) return `missing (allowed: ${wanted})`;
  const quotes = expected === 'string' && ['number', 'boolean'].includes(typeof found) ? ', in quotes' : '';
  return `found ${describe(found)} (allowed: ${wanted}${quotes})`;
}

function valueMessage(found: unknown, allowed: readonly string[]): string {
  if (found === undefined) return `missing (allowed: ${allowed.join(', ')})`;
  return `found ${describe(found)} ${suggest(typeof found === 'string' ? found : '', allowed)}`;
}

/** Patterns quote what they found themselves. */
function withFound(message: string, found: unknown): string {
  return typeof found === 'string' && !message.startsWith('pattern ')
    ? `found ${quote(found)}: ${message}`
    : message;
}

function describe(found: unknown): string {
  if (found === null) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'object') return 'a mapping';
  return typeof found === 'string' ? quote(found) : `the ${typeof found} ${found}`;
}

/**
 * Of several forms the one that the author had in mind is the one that fits best; its issues are told. Where
 * none fits, all forms are.
 */
function unionProblems(issue: UnionIssue, path: Path): Problem[] {
  const isEmpty = Object.keys(issue.input ?? {}).length === 0;
  const forms = issue.errors.map((issues) => ({ issues, ...fit(issues) })).filter((form) => form.typeFits);
  const best = forms.sort((a, b) => a.missing - b.missing || a.unknown - b.unknown)[0];
  if (best !== undefined && (best.missing === 0 || (best.unknown === 0 && !isEmpty)))
    return problemsOf(best.issues, path);
  const found = issue.input === undefined ? 'missing' : `found ${describeKeys(issue.input)}`;
  return [{ path, message: `${found} (allowed: ${issue.message})` }];
}

function fit(issues: readonly Issue[]): { typeFits: boolean; missing: number; unknown: number } {
  const here = issues.filter((issue) => issue.path.length === 0);
  return {
    typeFits: !here.some((issue) => issue.code === 'invalid_type'),
    missing: issues.filter(
      (issue) => issue.code === 'invalid_type' && issue.path.length === 1 && issue.input === undefined,
    ).length,
    unknown: here.filter((issue) => issue.code === 'unrecognized_keys').length,
  };
}

function describeKeys(found: unknown): string {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return describe(found);
  const keys = Object.keys(found);
  return keys.length === 0 ? 'an empty mapping' : `a mapping with ${keys.map(quote).join(', ')}`;
}
