// SPDX-License-Identifier: Apache-2.0
import type { CelFunc, parse } from '@bufbuild/cel';
import { quote } from '../image/quote.ts';
import { suggest } from './suggest.ts';

/** A parsed expression. */
export type Expression = NonNullable<ReturnType<typeof parse>['expr']>;

/** What an expression may name, and what it named. */
export type Names = {
  readonly functions: readonly CelFunc[];
  /** Takes a variable that the expression looks at. */
  readonly uses: (variable: string) => void;
  /** Takes a field of the image that the expression names, beside the variable `image` that it looks at for it. */
  readonly imageField: (field: string) => void;
  /** Takes what is wrong, and with which part of the expression. */
  readonly wrong: (id: bigint, message: string) => void;
  readonly literal: (literal: Literal) => void;
};

/** Text that is written out as the argument of a call that reads it, or looks for it. */
export type Literal = {
  readonly call: 'duration' | 'timestamp' | 'matches' | 'startsWith';
  readonly text: string;
  readonly id: bigint;
};

const READERS: ReadonlySet<string> = new Set(['duration', 'timestamp', 'matches', 'startsWith']);

/** What a `where` can look at. */
const VARIABLES: readonly string[] = ['predicate', 'subject', 'image', 'now'];
/** Types are values too: `type(predicate.x) == string`. */
const TYPES = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type'];
/** What the parser turns into something else, where it is written as it must be. */
const MACROS: ReadonlyMap<string, string> = new Map([
  ['has', 'has(a.b)'],
  ['all', 'list.all(x, test)'],
  ['exists', 'list.exists(x, test)'],
  ['exists_one', 'list.exists_one(x, test)'],
  ['map', 'list.map(x, value)'],
  ['filter', 'list.filter(x, test)'],
]);

/** Whether a name is one of what a `where` can look at. */
export function isVariable(name: string): boolean {
  return VARIABLES.includes(name);
}

/** Looks at each name in an expression: variables and functions that there are not would fail for every attestation. */
export function checkNames(expression: Expression, names: Names, bound: readonly string[] = []): void {
  const { exprKind: kind } = expression;
  if (kind.case === 'identExpr') checkVariable(expression, kind.value.name, names, bound);
  if (kind.case === 'selectExpr' && isImage(kind.value.operand)) names.imageField(kind.value.field);
  if (kind.case === 'callExpr') checkCall(expression, kind.value, names);
  if (kind.case === 'structExpr' && kind.value.messageName !== '') {
    names.wrong(expression.id, `found the message ${quote(kind.value.messageName)} (there are none)`);
  }
  for (const part of partsOf(expression, names)) checkNames(part, names, bound);
  if (kind.case !== 'comprehensionExpr') return;
  const { loopCondition, loopStep, result, iterVar, accuVar } = kind.value;
  for (const part of [loopCondition, loopStep, result]) {
    if (part !== undefined) checkNames(part, names, [...bound, iterVar, accuVar]);
  }
}

function isImage(operand: Expression | undefined): boolean {
  return operand?.exprKind.case === 'identExpr' && operand.exprKind.value.name.replace(/^\./, '') === 'image';
}

/** The expressions inside one that see the same variables as it does. */
function partsOf({ exprKind: kind }: Expression, names: Names): readonly Expression[] {
  const there = (parts: readonly (Expression | undefined)[]) => parts.filter((part) => part !== undefined);
  switch (kind.case) {
    case 'selectExpr':
      return there([kind.value.operand]);
    case 'callExpr': {
      const { target, function: name, args } = kind.value;
      return there(isNamespace(target, name, names) ? args : [target, ...args]);
    }
    case 'listExpr':
      return kind.value.elements;
    case 'structExpr':
      return there(
        kind.value.entries.flatMap(({ keyKind, value }) => [
          keyKind.case === 'mapKey' ? keyKind.value : undefined,
          value,
        ]),
      );
    case 'comprehensionExpr':
      return there([kind.value.iterRange, kind.value.accuInit]);
    default:
      return [];
  }
}

function checkVariable({ id }: Expression, written: string, names: Names, bound: readonly string[]): void {
  const name = written.replace(/^\./, '');
  if (isVariable(name)) names.uses(name);
  else if (!bound.includes(name) && !TYPES.includes(name)) {
    const known = [...VARIABLES, ...bound.filter((one) => !one.startsWith('@'))];
    names.wrong(id, `unknown variable ${quote(name)} ${suggest(name, known)}`);
  }
}

type Call = Extract<Expression['exprKind'], { case: 'callExpr' }>['value'];

/** Operators are calls as well, and always as they must be. */
function checkCall({ id }: Expression, { function: name, target, args }: Call, names: Names): void {
  checkLiteral(name, args[0], names);
  if (!/^[A-Za-z]/.test(name) || isNamespace(target, name, names)) return;
  const found = names.functions.filter((one) => one.name === name);
  const isMethod = target !== undefined;
  const fits = (one: CelFunc) =>
    one.arguments.length === args.length && (one.target !== undefined) === isMethod;
  if (found.some(fits)) return;
  names.wrong(id, misuse(isMethod ? `value.${name}` : name, name, args.length, found.length > 0, names));
}

function misuse(written: string, name: string, count: number, isKnown: boolean, names: Names): string {
  const macro = MACROS.get(name);
  if (macro !== undefined) return `${name} is not written like this (allowed: ${macro})`;
  if (isKnown) return `there is no ${written}(…) with ${count} ${count === 1 ? 'argument' : 'arguments'}`;
  const functions = names.functions.map((one) => one.name).filter((one) => /^[A-Za-z]/.test(one));
  return `unknown function ${quote(name)} ${suggest(name, [...new Set(functions), ...MACROS.keys()])}`;
}

function checkLiteral(name: string, arg: Expression | undefined, names: Names): void {
  if (!isReader(name) || arg?.exprKind.case !== 'constExpr') return;
  const { constantKind: kind } = arg.exprKind.value;
  if (kind.case === 'stringValue') names.literal({ call: name, text: kind.value, id: arg.id });
}

function isReader(name: string): name is Literal['call'] {
  return READERS.has(name);
}

/** Whether what stands before the dot is the first half of the name of a function, such as `strings.quote`. */
function isNamespace(target: Expression | undefined, name: string, { functions }: Names): boolean {
  if (target?.exprKind.case !== 'identExpr') return false;
  const qualified = `${target.exprKind.value.name}.${name}`;
  return functions.some((one) => one.name === qualified);
}
