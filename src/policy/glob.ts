// SPDX-License-Identifier: Apache-2.0

/**
 * Whether the glob stands for the whole text. `*` stands for any number of characters, none included;
 * everything else for itself. At worst the lengths multiplied: no regular expression is made of policy text.
 */
export function matchesGlob(glob: string, text: string): boolean {
  return matchSequence(glob, text, '*', (a, b) => a === b, 0);
}

/**
 * Whether a pattern of segments stands for all the segments. `**` stands for one or more of them, every
 * other segment for one that it matches as a glob.
 */
export function matchesSegments(pattern: readonly string[], segments: readonly string[]): boolean {
  return matchSequence(pattern, segments, '**', matchesGlob, 1);
}

/**
 * Whether everything that the second pattern of segments matches is matched by the first as well. May say no
 * where it is so, never yes where it is not.
 */
export function coversSegments(wide: readonly string[], narrow: readonly string[]): boolean {
  return matchSequence(wide, narrow, '**', coversSegment, 1);
}

/**
 * Whether everything that the second glob matches is matched by the first: a `*` of the narrow one is a
 * character that only a `*` of the wide one can take.
 */
export function coversGlob(wide: string, narrow: string): boolean {
  return matchesGlob(wide, narrow);
}

function coversSegment(wide: string, narrow: string): boolean {
  return narrow !== '**' && coversGlob(wide, narrow);
}

/**
 * Two pointers and one way back, to the last wildcard: what an earlier one could take more, the later can
 * take as well. `atLeast` is how many elements a wildcard takes at least, 0 or 1.
 */
function matchSequence(
  pattern: ArrayLike<string>,
  elements: ArrayLike<string>,
  wildcard: string,
  same: (pattern: string, element: string) => boolean,
  atLeast: 0 | 1,
): boolean {
  let [p, e, wildcardAt, taken] = [0, 0, -1, 0];
  while (e < elements.length) {
    if (pattern[p] === wildcard) {
      wildcardAt = p++;
      e += atLeast;
      taken = e;
    } else if (p < pattern.length && same(pattern[p] ?? '', elements[e] ?? '')) {
      p++;
      e++;
    } else if (wildcardAt !== -1) {
      p = wildcardAt + 1;
      e = ++taken;
    } else {
      return false;
    }
  }
  if (atLeast === 0) while (pattern[p] === wildcard) p++;
  return p === pattern.length;
}
