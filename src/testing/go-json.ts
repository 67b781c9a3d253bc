// SPDX-License-Identifier: Apache-2.0

// What Go's encoder escapes beyond JSON.stringify, so that the text can stand in HTML and JavaScript.
const ESCAPED = /[<>&\u2028\u2029]/g;

/** JSON as Go's `encoding/json` writes it: compact, `<`, `>`, `&` escaped. Keys keep the order given. */
export function encodeGoJson(value: unknown): Buffer {
  const text = JSON.stringify(value).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(text);
}

/** A copy with the keys in the order in which Go writes a map: by their bytes. */
export function sortKeys(record: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(record);
  return Object.fromEntries(entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}
