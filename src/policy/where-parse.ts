// SPDX-License-Identifier: Apache-2.0
import type { CelLibrary } from './where-library.ts';
import type { Expression } from './where-names.ts';
import { syntaxAdvice } from './where-syntax.ts';

/** Where in an expression a part of it stands, as `line:column`. */
export type PlaceOf = (id: bigint | undefined) => string;

/** What is said of an expression in which more is nested than anything that walks through it has room for. */
export const TOO_DEEP = '1:1: nested too deep';

type Parsed = { readonly expression: Expression; readonly placeOf: PlaceOf };

/** Reads an expression, or says what is wrong with its syntax, with `line:column`. */
export function parseCel(cel: CelLibrary, text: string): Parsed | string {
  try {
    const { expr, sourceInfo } = cel.parse(text);
    if (expr === undefined) return '1:1: empty';
    const placeOf: PlaceOf = (id) => placeAt(text, sourceInfo?.positions[String(id ?? expr.id)] ?? 0);
    return { expression: expr, placeOf };
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP;
    return error instanceof Error ? syntaxProblem(text, error.message) : '1:1: not an expression';
  }
}

function syntaxProblem(text: string, message: string): string {
  const [, place = '1:1', line = '1', column = '1', what = message] =
    /^<input>:((\d+):(\d+)): (.*)$/s.exec(message) ?? [];
  const lines = text.split('\n').slice(Number(line) - 1);
  return `${place}: ${syntaxAdvice(lines.join('\n').slice(Number(column) - 1), what)}`;
}

function placeAt(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
