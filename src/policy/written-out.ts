// SPDX-License-Identifier: Apache-2.0

/** How many branches of alternatives are followed; past it nothing is known. */
const MOST_BRANCHES = 256;
const FLAGS = /^\(\?[a-zA-Z]+\)/;
const QUANTIFIER = /^[*+?{]/;
/** What stands for itself: an escaped sign, a class of one character, or a plain character. */
const LITERAL = /^(?:\\([^A-Za-z0-9])|\[([^\\^\]])\]|([^\\^$.*+?()[\]{}|]))/;

/** Quoted text, escapes and classes, which hide the signs in them; and the signs. */
const SIGNS = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\\\]])*\]|[|()]/gs;

/**
 * Whether the first `count` segments between slashes are written out in a regular expression, in each of its alternatives:
 * `github\.com/(acme|acme-labs)/.*` has two. May say no where it is so, never yes where a repetition or a class
 * stands there. A dot without a repetition passes for itself, as it is mostly meant, except in the last of these segments.
 */
export function writesOut(regexp: string, count: number): boolean {
  const budget = { branches: MOST_BRANCHES };
  const text = regexp.replace(FLAGS, '');
  return alternativesOf(text).every((branch) => isWrittenOut(branch.replace(/^\^/, ''), count - 1, budget));
}

/** `more`: the slashes that are still to come before it is enough. */
function isWrittenOut(text: string, more: number, budget: { branches: number }): boolean {
  budget.branches -= 1;
  if (budget.branches < 0) return false;
  let left = more;
  let rest = text;
  while (rest !== '' && rest !== '$') {
    const literal = LITERAL.exec(rest) ?? (left > 0 ? /^\./.exec(rest) : null);
    if (literal === null) return rest.startsWith('(') && isGroupWrittenOut(rest, left, budget);
    const [whole, escaped, classed, plain] = literal;
    rest = rest.slice(whole.length);
    if (QUANTIFIER.test(rest)) return false;
    if ((escaped ?? classed ?? plain) === '/' && left-- === 0) return true;
  }
  return true;
}

/** Each alternative of the group that the text begins with, together with what follows it. */
function isGroupWrittenOut(text: string, more: number, budget: { branches: number }): boolean {
  const end = endOfGroup(text);
  const inside = text.slice(1, end).replace(/^\?:/, '');
  const rest = text.slice(end + 1);
  if (end === -1 || inside.startsWith('?') || QUANTIFIER.test(rest)) return false;
  return alternativesOf(inside).every((one) => isWrittenOut(one + rest, more, budget));
}

/** Splits at the bars that stand in no group. */
function alternativesOf(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (const { at, character, depth } of signsOf(text)) {
    if (character !== '|' || depth > 0) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return [...parts, text.slice(start)];
}

function endOfGroup(text: string): number {
  for (const { at, character, depth } of signsOf(text)) if (character === ')' && depth === 0) return at;
  return -1;
}

type Sign = { readonly at: number; readonly character: string; readonly depth: number };

/** Bars and the ends of groups, of those that are neither escaped nor in a class, and how deep in groups they stand. */
function* signsOf(text: string): Generator<Sign> {
  let depth = 0;
  for (const { index: at, 0: token } of text.matchAll(SIGNS)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === '|' || token === ')') yield { at, character: token, depth };
  }
}
