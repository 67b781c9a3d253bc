// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import { type Code, VerificationError } from '../errors.ts';
import { countJsonValues } from '../json-bounds.ts';
import { LIMITS } from '../limits.ts';

const BOUNDS = { depth: LIMITS.jsonDepth, values: LIMITS.jsonValues };

/**
 * The bytes as JSON, read in the one way that every reader agrees on: UTF-8 without a byte order mark, no
 * field named twice in an object (`JSON.parse` takes the last one, others the first).
 *
 * Attacker input. Depth and number of values are bounded before anything is built, since a few MiB of
 * brackets would become hundreds of MiB of objects; the size in bytes is the caller's to bound.
 *
 * @throws VerificationError with the code given; LIMIT_EXCEEDED past a bound
 */
export function parseJson(bytes: Uint8Array, code: Code, what: string): unknown {
  const values = countJsonValues(bytes, BOUNDS);
  if (values === undefined) throw tooLarge();
  try {
    const text = decodeUtf8(bytes);
    refuseAmbiguous(text, values);
    return JSON.parse(text);
  } catch (cause) {
    throw new VerificationError(code, `the ${what} is not JSON, or not in UTF-8, or names a field twice`, {
      cause,
    });
  }
}

/** Strictly; a byte order mark stays, for JSON has none. TextDecoder takes twice as long. */
function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/**
 * One look over the text, for what `JSON.parse` would not refuse. It relies on nothing: what is not JSON
 * at all may pass here and fail there; only what would cost more than the values that were counted ends here.
 */
function refuseAmbiguous(text: string, values: number): void {
  /** The names of each object that is open; a list has none. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = readString(text, at, open.at(-1), values);
    else if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') {
      if (open.length === 0) throw new SyntaxError('more is closed than was opened');
      open.pop();
    }
  }
}

/** Index of the end of the string that starts at `start`; a field's name joins the names of its object. */
function readString(text: string, start: number, names: Set<string> | undefined, values: number): number {
  const end = endOfString(text, start);
  if (names === undefined || !isName(text, end)) return end;
  if (names.size >= values) throw new SyntaxError('an object names more than there is');
  addName(names, text.slice(start + 1, end));
  return end;
}

/** Index of the quote that ends the string which starts at `start`; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

function isName(text: string, end: number): boolean {
  let next = end + 1;
  while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next += 1;
  return text[next] === ':';
}

function addName(names: Set<string>, written: string): void {
  const name: string = written.includes('\\') ? JSON.parse(`"${written}"`) : written;
  if (names.has(name)) throw new SyntaxError('an object names a field twice');
  names.add(name);
}

function tooLarge(): VerificationError {
  return new VerificationError(
    'LIMIT_EXCEEDED',
    `JSON nested deeper than ${LIMITS.jsonDepth}, or with more than ${LIMITS.jsonValues} values`,
  );
}
