// SPDX-License-Identifier: Apache-2.0
import { type Code, VerificationError } from '../../errors.ts';
import { quote } from '../../image/quote.ts';
import { isJsonObject } from '../../json-object.ts';
import { parseBase64 } from '../base64.ts';

/*
 * The JSON form of protocol buffers (protobuf.dev, "ProtoJSON Format"), as far as bundles use it. As Go's
 * protojson does, and so sigstore-go: unknown and repeated fields are errors, a field has its lowerCamel or
 * its original name, `null` and absent are one. Stricter than it with bytes: standard base64 only.
 */

/** Reads a value found at a path, or throws. */
export type Reader<To> = (value: unknown, path: string) => To;

type Fields = Readonly<Record<string, Reader<unknown>>>;

/** What a message gives: absent fields stay absent, so that a default and no value look alike. */
export type MessageOf<F extends Fields> = { -readonly [Name in keyof F]?: ReturnType<F[Name]> };

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** A message with these fields, by their lowerCamel names. */
export function message<F extends Fields>(fields: F): Reader<MessageOf<F>> {
  const readers = new Map(
    Object.entries(fields).flatMap(([name, reader]) =>
      [name, snakeCase(name)].map((as) => [as, { name, reader }] as const),
    ),
  );
  return (value, path) => {
    if (!isJsonObject(value)) throw malformed(path, 'not an object');
    const found: Record<string, unknown> = {};
    for (const as of Object.keys(value)) {
      const { name, reader } = readers.get(as) ?? unknownField(path, as);
      if (as !== name && Object.hasOwn(value, name)) throw malformed(path, `${name} twice`);
      const content = value[as];
      if (content !== null) found[name] = reader(content, `${path}.${name}`);
    }
    return found as MessageOf<F>;
  };
}

function unknownField(path: string, name: string): never {
  throw malformed(path, `unknown field ${quote(name)}`);
}

/** A list of at most so many. */
export function list<To>(reader: Reader<To>, most: number): Reader<readonly To[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw malformed(path, 'not a list');
    if (value.length > most) throw malformed(path, `${value.length} entries, at most ${most} are allowed`);
    return value.map((entry: unknown, index) => reader(entry, `${path}[${index}]`));
  };
}

/** A string. */
export const text: Reader<string> = (value, path) => {
  if (typeof value !== 'string') throw malformed(path, 'not a string');
  return value;
};

/** Bytes in base64; the code is for text that is none. */
export function bytes(code: Code = 'BUNDLE_MALFORMED'): Reader<Uint8Array> {
  return (value, path) => {
    const parsed = parseBase64(text(value, path));
    if (parsed === undefined) throw malformed(path, 'not standard base64 with padding', code);
    return parsed;
  };
}

/** A 64-bit integer: decimal digits in a string, or a number that JSON carries exactly. */
export const int64: Reader<bigint> = (value, path) => {
  const written = typeof value === 'string' && /^-?(?:0|[1-9][0-9]{0,18})$/.test(value);
  if (!written && !Number.isSafeInteger(value)) throw malformed(path, 'not an integer');
  const integer = BigInt(value as string | number);
  if (integer < INT64.least || integer > INT64.most) throw malformed(path, 'not an integer of 64 bits');
  return integer;
};

/** One of the names, in the order of their numbers; the number does as well. */
export function oneOf<Name extends string>(names: readonly Name[]): Reader<Name> {
  return (value, path) => {
    const name = typeof value === 'number' ? names[value] : names.find((one) => one === value);
    if (name === undefined) throw malformed(path, `not one of ${names.join(', ')}`);
    return name;
  };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function malformed(path: string, why: string, code: Code = 'BUNDLE_MALFORMED'): VerificationError {
  return new VerificationError(code, `${path}: ${why}`);
}
