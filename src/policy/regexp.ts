// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { LIMITS } from '../limits.ts';
import type { TextTest } from './compiled-policy.ts';
import { invalidText } from './issue.ts';

/*
 * Loaded at the first use, since few policies have a regular expression, and synchronously, since policies are
 * compiled so: an unbundled module makes itself a `require`, a bundler sees the call and packs the library in.
 */
type Re2 = typeof import('re2js');

const isBundled = typeof require === 'function';

const TOO_LARGE = `its repeats make it too large: more than ${LIMITS.regexpSteps} steps`;
/** What is estimated may be far more than there is: a group is counted as if it were all of the text. */
const MOST_ESTIMATED = 10 * LIMITS.regexpSteps;

let re2: Re2 | undefined;

/**
 * The test of a regular expression in RE2 syntax, which takes time in proportion to the text. It holds for whole texts: `a|b` is
 * `a` or `b` and nothing that begins or ends with them.
 *
 * @throws CountersignError POLICY_INVALID: too long, too large a program, or not RE2 syntax
 */
export function parseRegexp(text: string): TextTest {
  if (text === '') throw invalidText('empty');
  if (text.length > LIMITS.regexpLength) throw invalidText(`longer than ${LIMITS.regexpLength} characters`);
  if (repeatsTooMuch(text)) throw invalidText(TOO_LARGE);
  const compiled = compile(text);
  if (compiled.programSize() > LIMITS.regexpSteps) {
    throw invalidText(TOO_LARGE);
  }
  const literal = literalIn(text);
  return {
    text,
    regexp: true,
    ...(literal === undefined ? {} : { literal }),
    matches: (value) => compiled.matches(value),
  };
}

/**
 * Whether counted repeats could make a program so large that compiling it fills the memory: each step takes a KiB or two, and the
 * library builds all of it before it says how large it is. What is estimated is never less than the truth.
 */
export function repeatsTooMuch(text: string): boolean {
  let steps = text.length;
  let copies = 1;
  for (const [, before, least, most] of text.matchAll(/(.?)\{(\d{1,9})(?:,(\d{0,9}))?\}/gs)) {
    const count = Math.max(1, Number(least), Number(most || 0));
    if (before === ')') copies *= count;
    else steps += count;
  }
  return steps * copies > MOST_ESTIMATED;
}

/** The regular expression that holds for this text alone. */
export function literalRegexp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The text that an expression is in the way of {@link literalRegexp}. */
function literalIn(regexp: string): string | undefined {
  const text = regexp.replace(/\\(.)/gs, '$1');
  return literalRegexp(text) === regexp ? text : undefined;
}

function compile(text: string) {
  re2 ??= load();
  try {
    return re2.RE2JS.compile(text);
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '');
    throw invalidText(`not a regular expression in RE2 syntax: ${reason}`);
  }
}

function load(): Re2 {
  return isBundled ? require('re2js') : createRequire(import.meta.url)('re2js');
}
