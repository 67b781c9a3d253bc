// SPDX-License-Identifier: Apache-2.0
import type { CelFunc, CelResult } from '@bufbuild/cel';
import { LIMITS } from '../limits.ts';
import type { CelLibrary } from './where-library.ts';

/**
 * The functions of an environment that make texts or bytes, none longer than {@link LIMITS}.whereTextLength: an expression that
 * doubles a text thirty times has one at once, since nothing is copied. Whoever looks at it then takes seconds that no bound ends, or ends the process.
 */
export function boundTexts(cel: CelLibrary, funcs: Iterable<CelFunc>): readonly CelFunc[] {
  const { STRING, BYTES } = cel.CelScalar;
  return [...funcs]
    .filter(({ result }) => result === STRING || result === BYTES)
    .map((func) => bounded(cel, func));
}

/** The function, whose other members stay what they are. */
function bounded(cel: CelLibrary, func: CelFunc): CelFunc {
  const call: CelFunc['call'] = (id, target, args) => {
    const result = func.call(id, target, args);
    if (!isTooLong(result)) return result;
    return cel.celError(`a text longer than ${LIMITS.whereTextLength} characters`, id);
  };
  return Object.create(func, { call: { value: call } });
}

function isTooLong(result: CelResult | undefined): boolean {
  const isText = typeof result === 'string' || result instanceof Uint8Array;
  return isText && result.length > LIMITS.whereTextLength;
}
