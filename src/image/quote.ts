// SPDX-License-Identifier: Apache-2.0

const LONGEST = 120;
const LONGEST_IDENTITY = 320;

/**
 * Text from outside, fit to stand in a message: in quotes, control characters escaped, cut where it is
 * long. So nobody writes a line of our log with the name of an image.
 */
export function quote(text: string): string {
  return quoteUpTo(LONGEST, text);
}

/**
 * The same of a name out of a certificate, or of what is wanted of one. Those of workflows are long and differ at their end, so
 * they are cut only where none of GitHub or GitLab is: what was found and what was wanted must not read the same.
 */
export function quoteIdentity(text: string): string {
  return quoteUpTo(LONGEST_IDENTITY, text);
}

function quoteUpTo(longest: number, text: string): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    escapeCodeUnit,
  );
}

function escapeCodeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
