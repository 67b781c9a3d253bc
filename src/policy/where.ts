// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Where } from './compiled-policy.ts';
import { OUT_OF_TIME, runBounded } from './run-bounded.ts';
import { type CompiledCel, compileCel } from './where-cel.ts';

/** In milliseconds: one evaluation, and finding words for what a false one looked at. */
type WhereBounds = { readonly ms: number; readonly foundMs: number };

const BOUNDS: WhereBounds = { ms: LIMITS.whereMs, foundMs: LIMITS.whereFoundMs };

/**
 * Compiles a `where`: an expression of CEL (cel.dev) over `predicate`, `subject`, `image` and `now`. What can be known to
 * be wrong without an attestation is told here: syntax, names, and what is written out in it.
 * Each evaluation is bounded.
 *
 * @throws CountersignError POLICY_INVALID; its message has all problems, each with `line:column` inside the expression
 */
export function compileWhere(text: string, { ms, foundMs } = BOUNDS): Where {
  const { variables, looksAtTag, valueFor, foundIn } = compiled(text);
  return {
    text,
    usesNow: variables.has('now'),
    looksAtTag,
    evaluate: (input) => {
      const value = bounded(() => valueFor(input), ms);
      if (typeof value === 'boolean') return value;
      if (value === OUT_OF_TIME) {
        throw new CountersignError('WHERE_TIMEOUT', `where took longer than ${ms} ms`);
      }
      throw new CountersignError('WHERE_FAILED', `where: ${value} (wanted: true or false)`);
    },
    found: (input) => described(() => foundIn(input), foundMs),
  };
}

/** Whatever the library throws is no answer. */
function bounded(work: () => boolean | string, ms: number): boolean | string | typeof OUT_OF_TIME {
  try {
    return runBounded(work, ms);
  } catch (cause) {
    throw new CountersignError('WHERE_FAILED', 'where: found no value (wanted: true or false)', { cause });
  }
}

/** It helps people only: what goes wrong with it leaves a denial as it is. */
function described(work: () => string, ms: number): string {
  try {
    const text = runBounded(work, ms);
    return text === OUT_OF_TIME ? '' : text;
  } catch {
    return '';
  }
}

/** The variables that a valid `where` looks at. */
export function variablesOf({ text }: Where): ReadonlySet<string> {
  return compiled(text).variables;
}

/** What a valid `where` also holds of that is mostly not meant, in words. */
export function adviceOnWhere({ text }: Where): readonly string[] {
  return compiled(text).advice;
}

function compiled(text: string): CompiledCel {
  if (text.length > LIMITS.whereLength) {
    throw invalid([`longer than ${LIMITS.whereLength} characters`]);
  }
  const result = compileCel(text);
  if ('valueFor' in result) return result;
  throw invalid(result);
}

function invalid(problems: readonly string[]): CountersignError {
  return new CountersignError('POLICY_INVALID', problems.join('; '));
}
