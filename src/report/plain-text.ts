// SPDX-License-Identifier: Apache-2.0

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
const C1_CSI = String.fromCharCode(0x9b);
/** CSI (colours, cursor) and OSC (window titles, links), so that none of their letters are left behind. */
const TERMINAL_SEQUENCES = new RegExp(
  `(?:${ESC}\\[|${C1_CSI})[0-?]*[ -/]*[@-~]|${ESC}\\][^${ESC}${BEL}]*(?:${BEL}|${ESC}\\\\)?`,
  'g',
);
/** Control and format characters (bidirectional overrides among them), line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** What most texts are: printable ASCII, without a space at either end. */
const PLAIN = /^(?:[!-~](?:[ -~]*[!-~])?)?$/;
/** Code units that one character can take, with room for sequences that are taken out. */
const SPARE = 8;

/**
 * Text from outside, fit for a terminal, a log or an HTTP header: one line, at most `longest` characters, nothing
 * that moves a cursor, changes a colour, or writes right to left. Attacker input: an image name can hold all of that.
 */
export function plainText(text: string, longest: number): string {
  if (text.length <= longest && PLAIN.test(text)) return text;
  const head = text.slice(0, longest * SPARE);
  const printable = head.toWellFormed().replace(TERMINAL_SEQUENCES, '').replace(UNPRINTABLE, ' ').trim();
  return cut(head === text ? printable : `${printable}…`, longest);
}

/** At most `longest` characters, counted as the API server counts them (code points). */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
