// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import type { WhereInput } from './compiled-policy.ts';
import { EACH, type Field, fieldText, type Step } from './where-fields.ts';

/** How many of several things are named: of values behind `[*]`, of keys beside a field that is not there. */
const MOST_NAMED = 4;

const NOT_THERE = Symbol('not there');

/**
 * What there is in these fields, in words: `predicate.builder.id "x", predicate.list a list of 3`. Of attacker-given text only
 * quoted pieces, and no more than {@link LIMITS}.whereFoundFields and {@link LIMITS}.whereFoundLength.
 */
export function describeFound(fields: readonly Field[], input: WhereInput): string {
  const told: string[] = [];
  let length = 0;
  for (const field of fields.slice(0, LIMITS.whereFoundFields)) {
    const text = `${fieldText(field)} ${describeValues(field, input)}`;
    length += text.length + 2;
    if (length > LIMITS.whereFoundLength) break;
    told.push(text);
  }
  const more = told.length < fields.length && told.length > 0 ? ' and more' : '';
  return told.join(', ') + more;
}

/** Of these fields the first that is not there, and what is there in its place; `undefined` where all of them are there. */
export function describeAbsent(fields: readonly Field[], input: WhereInput): string | undefined {
  for (const field of fields) {
    for (const { steps, value, absent } of valuesOf(field, input)) {
      if (value !== NOT_THERE) continue;
      const { variable } = field;
      const place = fieldText({ variable, steps: steps.slice(0, -1) });
      const text = `${fieldText({ variable, steps })}; ${place} ${describeParent(absent)}`;
      if (text.length <= LIMITS.whereFoundLength) return text;
    }
  }
  return undefined;
}

function describeValues(field: Field, input: WhereInput): string {
  const told = new Set<string>();
  for (const { value } of valuesOf(field, input)) {
    if (told.size >= MOST_NAMED) return `${[...told].join(', ')} and more`;
    told.add(describeValue(value));
  }
  return told.size === 0 ? '(none)' : [...told].join(', ');
}

function describeValue(value: unknown): string {
  if (value === NOT_THERE) return '(not there)';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `a map of ${Object.keys(value).length}`;
  return String(value);
}

function describeParent(parent: unknown): string {
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent))
    return `is ${describeValue(parent)}`;
  const keys = Object.keys(parent);
  if (keys.length === 0) return 'is empty';
  const more = keys.length > MOST_NAMED ? ' and more' : '';
  return `has ${keys.slice(0, MOST_NAMED).map(quote).join(', ')}${more}`;
}

/** A value of a field; where it is not there, how far the steps led, and what stands there. */
type Value = { readonly steps: readonly Step[]; readonly value: unknown; readonly absent?: unknown };

function valuesOf({ variable, steps }: Field, input: WhereInput): Iterable<Value> {
  const { predicate, subject, image, now } = input;
  const variables: Readonly<Record<string, unknown>> = { predicate, subject, image, now: momentText(now) };
  return below(variables[variable], steps, []);
}

function* below(value: unknown, steps: readonly Step[], walked: readonly Step[]): Iterable<Value> {
  const [step, ...rest] = steps;
  if (step === undefined) yield { steps: walked, value };
  else if (step !== EACH) yield* one(value, step, rest, walked);
  else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) yield* below(element, rest, [...walked, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) yield* below(key, rest, [...walked, EACH]);
  }
}

/** Own keys only, as expressions see them. */
function* one(parent: unknown, step: string | number, rest: readonly Step[], walked: readonly Step[]) {
  const steps = [...walked, step];
  const fits = Array.isArray(parent) === (typeof step === 'number');
  if (typeof parent === 'object' && parent !== null && fits && Object.hasOwn(parent, step)) {
    yield* below((parent as Readonly<Record<string | number, unknown>>)[step], rest, steps);
  } else yield { steps, value: NOT_THERE, absent: parent };
}

function momentText(now: number): string {
  return Number.isFinite(now) ? new Date(now).toISOString() : String(now);
}
