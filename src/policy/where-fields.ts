// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { type Expression, isVariable } from './where-names.ts';

/** Stands for each element of a list, or each key of a map, which a macro such as `all` goes through. */
export const EACH = Symbol('each');

/** A step to a field: a key, the place in a list, or every one of them. */
export type Step = string | number | typeof EACH;

/** What an expression looks at: `predicate.builder.id` is the steps `builder` and `id` from the variable `predicate`. */
export type Field = { readonly variable: string; readonly steps: readonly Step[] };

/** The fields of an expression. */
export type Fields = {
  /** Each of them once, in the order of the text, without what only leads to another one. */
  readonly all: readonly Field[];
  /** Those that an error may be about, by the number of the part of the expression that it names. */
  readonly by: ReadonlyMap<bigint, readonly Field[]>;
};

/** What is deeper is told by what it is in: no document that people read is so deep. */
const MOST_STEPS = 32;

type Found = { readonly all: Map<string, Field>; readonly by: Map<bigint, Field[]> };
type Bound = ReadonlyMap<string, Field | undefined>;

/** Finds the fields that an expression looks at. */
export function fieldsIn(expression: Expression): Fields {
  const found: Found = { all: new Map(), by: new Map() };
  collect(expression, new Map(), found);
  return { all: [...found.all.values()], by: found.by };
}

/** A field as an expression would name it: `predicate.list[0].name`, `predicate["a-b"]`, `predicate.list[*].name`. */
export function fieldText({ variable, steps }: Field): string {
  return variable + steps.map(stepText).join('');
}

function stepText(step: Step): string {
  if (step === EACH) return '[*]';
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${quote(step)}]`;
}

function collect(expression: Expression, bound: Bound, found: Found): void {
  const field = fieldOf(expression, bound, found);
  if (field !== undefined) {
    found.all.set(fieldText(field), field);
    return;
  }
  const { exprKind: kind } = expression;
  if (kind.case === 'comprehensionExpr') {
    collectEach(kind.value, bound, found);
    return;
  }
  for (const part of partsOf(expression)) collect(part, bound, found);
}

type Comprehension = Extract<Expression['exprKind'], { case: 'comprehensionExpr' }>['value'];

/** What is gone through is told by its elements, so it is not told for itself. */
function collectEach(macro: Comprehension, bound: Bound, found: Found): void {
  const { iterRange, accuInit, loopCondition, loopStep, result, iterVar, accuVar } = macro;
  const range = iterRange && fieldOf(iterRange, bound, found);
  if (range === undefined && iterRange !== undefined) collect(iterRange, bound, found);
  if (accuInit !== undefined) collect(accuInit, bound, found);
  const each = range && stepFrom(range, EACH);
  const inside = new Map([...bound, [iterVar, each], [accuVar, undefined]]);
  for (const part of [loopCondition, loopStep, result]) {
    if (part !== undefined) collect(part, inside, found);
  }
}

/** The field that the expression is, if it is one. */
function fieldOf(expression: Expression, bound: Bound, found: Found): Field | undefined {
  const { exprKind: kind, id } = expression;
  if (kind.case === 'identExpr') {
    const { name } = kind.value;
    if (bound.has(name)) return bound.get(name);
    const variable = name.replace(/^\./, '');
    return isVariable(variable) ? { variable, steps: [] } : undefined;
  }
  if (kind.case === 'selectExpr') {
    return kind.value.operand && fieldBelow(kind.value.operand, kind.value.field, [id], bound, found);
  }
  if (kind.case !== 'callExpr' || kind.value.function !== '_[_]') return undefined;
  const [operand, index] = kind.value.args;
  const step = index && literalStep(index);
  // Where the library finds nothing for what is in brackets, it names the variable that all of it begins with.
  return operand && step !== undefined
    ? fieldBelow(operand, step, [id, beginOf(operand).id], bound, found)
    : undefined;
}

function beginOf(expression: Expression): Expression {
  const { exprKind: kind } = expression;
  const operand =
    kind.case === 'selectExpr'
      ? kind.value.operand
      : kind.case === 'callExpr' && kind.value.function === '_[_]'
        ? kind.value.args[0]
        : undefined;
  return operand === undefined ? expression : beginOf(operand);
}

function fieldBelow(
  operand: Expression,
  step: Step,
  ids: readonly bigint[],
  bound: Bound,
  { all, by }: Found,
): Field | undefined {
  const above = fieldOf(operand, bound, { all, by });
  if (above === undefined || above.steps.length >= MOST_STEPS) return above;
  const field = stepFrom(above, step);
  for (const id of ids) addTo(by, id, field);
  return field;
}

function addTo(by: Map<bigint, Field[]>, id: bigint, field: Field): void {
  const those = by.get(id);
  if (those === undefined) by.set(id, [field]);
  else those.push(field);
}

function stepFrom({ variable, steps }: Field, step: Step): Field {
  return { variable, steps: [...steps, step] };
}

function literalStep({ exprKind: kind }: Expression): Step | undefined {
  if (kind.case !== 'constExpr') return undefined;
  const { constantKind } = kind.value;
  if (constantKind.case === 'stringValue') return constantKind.value;
  return constantKind.case === 'int64Value' ? Number(constantKind.value) : undefined;
}

function partsOf({ exprKind: kind }: Expression): readonly Expression[] {
  switch (kind.case) {
    case 'selectExpr':
      return kind.value.operand === undefined ? [] : [kind.value.operand];
    case 'callExpr':
      return kind.value.target === undefined ? kind.value.args : [kind.value.target, ...kind.value.args];
    case 'listExpr':
      return kind.value.elements;
    case 'structExpr':
      return kind.value.entries.flatMap(({ keyKind, value }) => [
        ...(keyKind.case === 'mapKey' ? [keyKind.value] : []),
        ...(value === undefined ? [] : [value]),
      ]);
    default:
      return [];
  }
}
