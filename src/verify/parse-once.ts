// SPDX-License-Identifier: Apache-2.0

type Parsed<To> = { readonly value: To } | { readonly error: unknown };

/**
 * The parser, run once per candidate object however many signers ask: candidates are facts and stay as they
 * are. What does not parse is remembered too, since it can be the larger part of the work.
 */
export function parseOnce<From extends object, To>(parse: (from: From) => To): (from: From) => To {
  const known = new WeakMap<From, Parsed<To>>();
  return (from) => {
    const parsed = known.get(from) ?? attempt(parse, from);
    known.set(from, parsed);
    if ('error' in parsed) throw parsed.error;
    return parsed.value;
  };
}

function attempt<From, To>(parse: (from: From) => To, from: From): Parsed<To> {
  try {
    return { value: parse(from) };
  } catch (error) {
    return { error };
  }
}
