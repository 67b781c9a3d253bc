// SPDX-License-Identifier: Apache-2.0
import type { CelFunc, CelResult } from '@bufbuild/cel';
import { quote } from '../image/quote.ts';
import { parseMoment } from './time.ts';
import type { CelLibrary } from './where-library.ts';

/** A whole number, as CEL writes it: JavaScript would read an empty text as 0, and `0x10` as 16. */
const WHOLE = /^[+-]?\d+$/;
const WHOLE_AND_NOT_SIGNED = /^\d+$/;
/** A decimal number: JavaScript would read an empty text as 0, and what is none as NaN, which is less than nothing and not more either. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** The library takes no amount at all, and a sign alone, for 0. */
const NO_AMOUNT = /^[+-]?$/;

/**
 * The conversions of CEL that read a text or a number otherwise than CEL says ("Type Conversions"), in the place of the library's own: a
 * text that is no number, duration or time is an error, and so a denial. A condition such as `double(v.score) < 7.0` must not be true of
 * a score that is not there.
 */
export function strictConversions(cel: CelLibrary): readonly CelFunc[] {
  const { INT, UINT, DOUBLE, STRING } = cel.CelScalar;
  const TIMESTAMP = cel.objectType('google.protobuf.Timestamp');
  const DURATION = cel.objectType('google.protobuf.Duration');
  const own = ownConversions(cel);
  return [
    cel.celFunc('int', [STRING], INT, (text) => own('int', demand(text, WHOLE.test(text))) as never),
    cel.celFunc(
      'uint',
      [STRING],
      UINT,
      (text) => own('uint', demand(text, WHOLE_AND_NOT_SIGNED.test(text))) as never,
    ),
    cel.celFunc('double', [STRING], DOUBLE, (text) => {
      const number = Number(demand(text, DECIMAL.test(text)));
      demand(text, Number.isFinite(number));
      return number;
    }),
    cel.celFunc(
      'duration',
      [STRING],
      DURATION,
      (text) => own('duration', demand(text, !NO_AMOUNT.test(text))) as never,
    ),
    cel.celFunc('timestamp', [STRING], TIMESTAMP, (text) => {
      const time = own('timestamp', text);
      demand(text, parseMoment(text, 'start') !== undefined);
      return time as never;
    }),
    // A number is seconds since the epoch; the library takes milliseconds.
    cel.celFunc(
      'timestamp',
      [INT],
      TIMESTAMP,
      (seconds) => own('timestamp', new Date(Number(seconds) * 1000).toISOString()) as never,
    ),
  ];
}

/** The library's own conversions of texts, by name; what they answer with an error they throw. */
function ownConversions(cel: CelLibrary): (name: string, text: string) => CelResult {
  const plain = cel.celEnv();
  const programs = new Map(
    ['int', 'uint', 'duration', 'timestamp'].map((name) => [name, cel.plan(plain, cel.parse(`${name}(x)`))]),
  );
  return (name, text) => {
    const value = programs.get(name)?.({ x: text });
    if (value === undefined) throw new TypeError(`no conversion ${name}`);
    if (cel.isCelError(value)) throw value;
    return value;
  };
}

function demand(text: string, isOne: boolean): string {
  if (isOne) return text;
  throw new Error(`Failed to convert: ${quote(text)}`);
}
