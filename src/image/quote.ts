// SPDX-License-Identifier: Apache-2.0

const LONGEST = 120;

/**
 * Text from outside, fit to stand in a message: in quotes, control characters escaped, cut where it is
 * long. So nobody writes a line of our log with the name of an image.
 */
export function quote(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    escapeCodeUnit,
  );
}

function escapeCodeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
