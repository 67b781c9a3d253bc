// SPDX-License-Identifier: Apache-2.0
import type { CelEnv, CelResult } from '@bufbuild/cel';
import { quote } from '../image/quote.ts';
import type { WhereInput } from './compiled-policy.ts';
import { repeatsTooMuch } from './regexp.ts';
import { adviceOn } from './where-advice.ts';
import { strictConversions } from './where-conversions.ts';
import { type Field, fieldsIn } from './where-fields.ts';
import { describeAbsent, describeFound } from './where-found.ts';
import { type CelLibrary, celLibrary } from './where-library.ts';
import { checkNames, type Expression, type Literal } from './where-names.ts';
import { type PlaceOf, parseCel, TOO_DEEP } from './where-parse.ts';
import { boundTexts } from './where-texts.ts';
import { jsonConverter } from './where-values.ts';

/** An expression that was read. */
export type CompiledCel = {
  /** The variables that it looks at. */
  readonly variables: ReadonlySet<string>;
  /** Whether it may look at the tag of the image: at that field, or at the image in another way than by its other fields. */
  readonly looksAtTag: boolean;
  /** What it also holds of that is mostly not meant, in words. */
  readonly advice: readonly string[];
  /** The value for an input: true, false, or in words what else there is. */
  readonly valueFor: (input: WhereInput) => boolean | string;
  /** What it looked at, in words, of an input for which it is false; bounded. */
  readonly foundIn: (input: WhereInput) => string;
};

/** What a message about a part of an expression says of it. */
type About = {
  readonly placeOf: PlaceOf;
  /** The fields that may be meant by an error about this part. */
  readonly fieldsAt: (id: bigint) => readonly Field[];
};

type Engine = {
  readonly cel: CelLibrary;
  readonly env: CelEnv;
  readonly timestamp: (text: string) => CelResult;
  readonly duration: (text: string) => CelResult;
  readonly matches: (text: string) => CelResult;
};

let engine: Engine | undefined;

/** Reads an expression, or says what is wrong with it, each with `line:column` inside it. Never throws. */
export function compileCel(text: string): CompiledCel | readonly string[] {
  engine ??= startEngine();
  try {
    return compileBy(engine, text);
  } catch (error) {
    // A long chain of operators is read in a loop, and is as deep as it is long for all who look at it then.
    if (error instanceof RangeError) return [TOO_DEEP];
    throw error;
  }
}

function compileBy({ cel, env }: Engine, text: string): CompiledCel | readonly string[] {
  const parsed = parseCel(cel, text);
  if (typeof parsed === 'string') return [parsed];
  const { expression, placeOf } = parsed;
  const variables = new Set<string>();
  const problems: string[] = [];
  const advice: string[] = [];
  // Each field is named after a dot behind `image`: where that stands more often, something else is done with it.
  let imagesApart = 0;
  const wrong = (id: bigint, message: string) => problems.push(`${placeOf(id)}: ${message}`);
  checkNames(expression, {
    functions: [...env.funcs],
    uses: (name) => {
      variables.add(name);
      if (name === 'image') imagesApart += 1;
    },
    imageField: (field) => {
      if (field !== 'tag') imagesApart -= 1;
    },
    wrong,
    literal: (literal) => {
      checkLiteral(literal, wrong);
      const said = adviceOn(literal);
      if (said !== undefined) advice.push(said);
    },
  });
  if (isNeverBoolean(expression))
    wrong(expression.id, 'this is neither true nor false, whatever it looks at');
  if (problems.length > 0) return problems;
  const program = cel.plan(env, expression);
  const about: About = { placeOf, fieldsAt: (id) => fieldsIn(expression).by.get(id) ?? [] };
  return {
    variables,
    looksAtTag: imagesApart > 0,
    advice,
    valueFor: (input) => describe(cel, program(bindings(input, variables)), about, input),
    foundIn: (input) => {
      const part = falsePart({ cel, env }, expression, bindings(input, variables));
      return describeFound(fieldsIn(part).all, input);
    },
  };
}

/** Of what is joined by && the first that is false; all of it where that is not to be told. */
function falsePart(
  { cel, env }: Pick<Engine, 'cel' | 'env'>,
  expression: Expression,
  values: Record<string, never>,
): Expression {
  const parts = conjuncts(expression);
  if (parts.length < 2) return expression;
  return parts.find((part) => cel.plan(env, part)(values) === false) ?? expression;
}

function conjuncts(expression: Expression): readonly Expression[] {
  const { exprKind: kind } = expression;
  const isAnd = kind.case === 'callExpr' && kind.value.function === '_&&_';
  return isAnd ? kind.value.args.flatMap(conjuncts) : [expression];
}

function startEngine(): Engine {
  const cel = celLibrary();
  const funcs = [...cel.strings, ...strictConversions(cel)];
  const env = cel.celEnv({ funcs: [...funcs, ...boundTexts(cel, cel.celEnv({ funcs }).funcs)] });
  const call = (expression: string) => {
    const program = cel.plan(env, cel.parse(expression));
    return (x: string) => program({ x });
  };
  return {
    cel,
    env,
    timestamp: call('timestamp(x)'),
    duration: call('duration(x)'),
    matches: call('"".matches(x)'),
  };
}

/** What is written out can be read at once: `duration("7d")` would fail for every attestation. */
function checkLiteral({ call, text, id }: Literal, wrong: (id: bigint, message: string) => void): void {
  if (call === 'startsWith') return;
  if (call === 'matches' && repeatsTooMuch(text)) {
    wrong(id, `found ${quote(text)}, whose counted repeats make it too large`);
    return;
  }
  const result = engine?.[call](text);
  if (engine === undefined || !engine.cel.isCelError(result)) return;
  const hint = {
    duration: 'a duration such as "168h", "90m" or "30s"',
    timestamp: 'a time such as "2027-03-01T12:00:00Z"',
    matches: 'a regular expression of RE2',
  };
  wrong(id, `found ${quote(text)} (allowed: ${hint[call]})`);
}

function isNeverBoolean({ exprKind: kind }: Expression): boolean {
  if (kind.case === 'constExpr') return kind.value.constantKind.case !== 'boolValue';
  if (kind.case === 'callExpr') return /^(?:_[-+*/%]_|-_|size|string|int|double)$/.test(kind.value.function);
  return kind.case === 'listExpr' || kind.case === 'structExpr';
}

function bindings(input: WhereInput, used: ReadonlySet<string>): Record<string, never> {
  const { cel, timestamp } = engine ?? startEngine();
  const convert = jsonConverter(cel);
  const { now, ...rest } = input;
  const values = Object.entries(rest).map(([name, value]) => [name, convert(value)]);
  const time = used.has('now') ? [['now', timestamp(new Date(now).toISOString())]] : [];
  // Without a prototype: whatever the library looks up in it is one of ours or nothing.
  return Object.assign(Object.create(null), Object.fromEntries([...values, ...time]));
}

function describe(
  cel: CelLibrary,
  result: CelResult,
  { placeOf, fieldsAt }: About,
  input: WhereInput,
): boolean | string {
  if (typeof result === 'boolean') return result;
  if (cel.isCelError(result)) {
    const { exprId, message } = result;
    const isAbsent = /^field not found|^index .* out of bounds/.test(message);
    const absent = isAbsent ? describeAbsent(fieldsAt(exprId ?? -1n), input) : undefined;
    const what = absent === undefined ? quote(message) : `there is no ${absent}`;
    return `found no value at ${placeOf(exprId)}: ${what}`;
  }
  return `found a value of type ${cel.celType(result).name}`;
}
