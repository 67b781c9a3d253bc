// SPDX-License-Identifier: Apache-2.0
import { isJsonObject } from '../../src/json-object.ts';
import { parseBase64 } from '../../src/verify/base64.ts';
import { byteMutants, checkpointMutants, pemMutants, plainMutants } from './text-mutants.ts';

/**
 * A value that differs from the true one in one place. The place is the names on the way to it, through whatever is encoded
 * in whatever else: `verificationMaterial/tlogEntries/0/canonicalizedBody/spec/signature/content`.
 */
export type Mutant<Value> = { readonly field: string; readonly way: string; readonly value: Value };

/** Which mutants are wanted: those of DER, which are many, of what `isNew` says yes to; or all others. */
export type Wanted =
  | { readonly der: false }
  | { readonly der: true; readonly isNew: (der: Uint8Array, field: string) => boolean };

/** Every mutant of a JSON document, as text. */
export function* documentMutants(text: string, wanted: Wanted): Generator<Mutant<string>> {
  const document: unknown = JSON.parse(text);
  if (!wanted.der) yield* writtenOtherwise(document, '');
  for (const { value, ...rest } of jsonMutants(document, '', wanted)) yield { ...rest, value: encode(value) };
}

/** Marks a member that stands before another one of its name. */
const TWICE = '\u0000twice ';

/** JSON, in which what is marked has the name of its neighbour. */
function encode(value: unknown): string {
  return JSON.stringify(value).replaceAll('"\\u0000twice ', '"');
}

/** The same in other words: nothing but the text of JSON differs. */
function* writtenOtherwise(document: unknown, field: string): Generator<Mutant<string>> {
  yield { field: at(field, '(json)'), way: 'white space', value: JSON.stringify(document, null, 2) };
  yield { field: at(field, '(json)'), way: 'reordered', value: JSON.stringify(reversed(document)) };
  yield { field: at(field, '(json)'), way: 'byte order mark', value: `\ufeff${JSON.stringify(document)}` };
  yield { field: at(field, '(json)'), way: 'something behind', value: `${JSON.stringify(document)}{}` };
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, content]) => [name, reversed(content)]),
  );
}

function* jsonMutants(value: unknown, field: string, wanted: Wanted): Generator<Mutant<unknown>> {
  if (typeof value === 'string') yield* stringMutants(value, field, wanted);
  if (!wanted.der) yield* shapeMutants(value, field);
  if (typeof value !== 'object' || value === null || PREDICATE.test(field)) return;
  for (const [name, content] of Object.entries(value)) {
    for (const mutant of jsonMutants(content, at(field, name), wanted)) {
      const changed = Array.isArray(value)
        ? value.with(Number(name), mutant.value)
        : { ...value, [name]: mutant.value };
      yield { ...mutant, value: changed };
    }
  }
}

/** To a signature its members are as one. */
const PREDICATE = /(?:^|\/)payload\/predicate$/;

function* shapeMutants(value: unknown, field: string): Generator<Mutant<unknown>> {
  if (field !== '') yield* replacements(value, field);
  if (Array.isArray(value)) yield* listMutants(value, field);
  if (isJsonObject(value)) yield* memberMutants(value, field);
}

function* replacements(value: unknown, field: string): Generator<Mutant<unknown>> {
  const others = { null: null, 0: 0, 1: 1, true: true, 'an empty text': '', x: 'x', '[]': [], '{}': {} };
  for (const [way, other] of Object.entries({
    ...others,
    'in a list': [value],
    'in an object': { x: value },
  })) {
    if (JSON.stringify(other) !== JSON.stringify(value)) yield { field, way, value: other };
  }
  if (typeof value === 'number') yield { field, way: 'one more', value: value + 1 };
  if (typeof value === 'number') yield { field, way: 'as text', value: String(value) };
}

function* listMutants(list: readonly unknown[], field: string): Generator<Mutant<unknown>> {
  for (const index of list.keys()) {
    const here = at(field, String(index));
    yield { field: here, way: 'dropped', value: list.toSpliced(index, 1) };
    yield { field: here, way: 'doubled', value: list.toSpliced(index, 0, list[index]) };
    if (index > 0)
      yield {
        field: here,
        way: 'swapped',
        value: list.with(index, list[index - 1]).with(index - 1, list[index]),
      };
  }
}

function* memberMutants(
  object: Readonly<Record<string, unknown>>,
  field: string,
): Generator<Mutant<unknown>> {
  yield { field: at(field, '(more)'), way: 'unknown member', value: { ...object, zzz: 'x' } };
  const entries = Object.entries(object);
  for (const [index, [name, content]] of entries.entries()) {
    const here = at(field, name);
    const renamed = (other: string) => Object.fromEntries(entries.with(index, [other, content]));
    yield { field: here, way: 'dropped', value: Object.fromEntries(entries.toSpliced(index, 1)) };
    yield { field: here, way: 'renamed', value: renamed(`${name}2`) };
    yield { field: here, way: 'renamed upper', value: renamed(name.toUpperCase()) };
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (snake !== name) yield { field: here, way: 'renamed snake', value: renamed(snake) };
    yield { field: here, way: 'doubled', value: { [`${TWICE}${name}`]: content, ...object } };
    yield { field: here, way: 'doubled null', value: { [`${TWICE}${name}`]: null, ...object } };
    for (const [other, its] of entries.slice(index + 1)) {
      if (typeof its === typeof content && its !== content) {
        const value = { ...object, [name]: its, [other]: content };
        yield { field: here, way: `swapped with ${other}`, value };
      }
    }
  }
}

function* stringMutants(text: string, field: string, wanted: Wanted): Generator<Mutant<string>> {
  if (text.includes('\n\n\u2014 ')) {
    if (!wanted.der) yield* checkpointMutants(text, field);
  } else if (text.startsWith('-----BEGIN CERTIFICATE-----')) yield* pemMutants(text, field, wanted);
  else if (text.startsWith('{')) yield* embedded(text, field, wanted);
  else if (isBase64(text)) yield* base64Mutants(text, field, wanted);
  else if (!wanted.der) yield* plainMutants(text, field);
}

function* embedded(text: string, field: string, wanted: Wanted): Generator<Mutant<string>> {
  const inner: unknown = JSON.parse(text);
  if (!wanted.der) yield* writtenOtherwise(inner, field);
  for (const mutant of jsonMutants(inner, field, wanted)) yield { ...mutant, value: encode(mutant.value) };
}

/** Digests in hex are base64 as well, but nobody means it. */
function isBase64(text: string): boolean {
  return text.length >= 16 && !/^[0-9a-f]*$/.test(text) && parseBase64(text) !== undefined;
}

function* base64Mutants(text: string, field: string, wanted: Wanted): Generator<Mutant<string>> {
  const bytes = Buffer.from(text, 'base64');
  const inner = bytes.toString('utf8');
  const isJson = inner.startsWith('{"') && inner.endsWith('}');
  if (isJson || inner.startsWith('-----BEGIN CERTIFICATE-----')) {
    const within = isJson ? embedded : pemMutants;
    for (const { value, ...rest } of within(inner, field, wanted))
      yield { ...rest, value: Buffer.from(value).toString('base64') };
  } else {
    for (const { value, ...rest } of byteMutants(bytes, field, wanted))
      yield { ...rest, value: value.toString('base64') };
  }
  if (wanted.der) return;
  const spellings = {
    'without padding': text.replace(/=+$/, ''),
    'more padding': `${text}=`,
    'URL alphabet': text.replaceAll('+', '-').replaceAll('/', '_'),
    'line break': `${text.slice(0, 8)}\n${text.slice(8)}`,
    'stray bits': text.replace(/([AQgw])==$/, (_, last) => `${ONE_MORE[last]}==`),
  };
  for (const [way, value] of Object.entries(spellings)) {
    if (value !== text) yield { field: at(field, '(base64)'), way, value };
  }
}

const ONE_MORE: Readonly<Record<string, string>> = { A: 'B', Q: 'R', g: 'h', w: 'x' };

function at(field: string, name: string): string {
  return field === '' ? name : `${field}/${name}`;
}
