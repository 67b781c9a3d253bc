// SPDX-License-Identifier: Apache-2.0

/** How deep JSON may nest, and how many values it may hold. */
export type JsonBounds = { readonly depth: number; readonly values: number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * How many values `JSON.parse` will make of the bytes at most, or `undefined` where they pass a bound.
 *
 * Attacker input, looked at before anything is built of it: a few MiB of brackets become hundreds of MiB of
 * objects. One pass that keeps nothing. It relies on nothing either: of what is not JSON the part that
 * `JSON.parse` would build before it fails is counted like the rest, and in UTF-8 no byte of a longer
 * character looks like a bracket.
 */
export function countJsonValues(bytes: Uint8Array, bounds: JsonBounds): number | undefined {
  // Read beforehand: what V8 compiles while the loop runs knows nothing yet of what stands behind it, and is thrown away there.
  const { depth: deepest, values: most } = bounds;
  let depth = 0;
  let values = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
    } else if (byte === COMMA) {
      values += 1;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1;
      depth += 1;
      if (depth > deepest) return undefined;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return values > most ? undefined : values;
}

/** Index of the quote that ends the string which starts at `start`; the end of the bytes where none does. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = bytes.indexOf(QUOTE, start + 1);
  while (at !== -1 && isEscaped(bytes, at)) at = bytes.indexOf(QUOTE, at + 1);
  return at === -1 ? bytes.length : at;
}

function isEscaped(bytes: Uint8Array, at: number): boolean {
  let backslashes = 0;
  while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
