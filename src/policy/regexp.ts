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
  const compiled = compile(text);
  if (compiled.programSize() > LIMITS.regexpSteps) {
    throw invalidText(`its repeats make it too large: more than ${LIMITS.regexpSteps} steps`);
  }
  return { text, regexp: true, matches: (value) => compiled.matches(value) };
}

/** The regular expression that holds for this text alone. */
export function literalRegexp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
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
