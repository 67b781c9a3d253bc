// SPDX-License-Identifier: Apache-2.0

type Parsed<To> = { readonly value: To } | { readonly error: unknown };

/**
 * The parser, run once for all who ask for the same object one after the other: the signers of a candidate, the
 * layers that share a payload. Only the latest is kept, what does not parse too: read, a candidate can be many
 * times as large as its bytes, and nobody counts that.
 */
export function parseOnce<From extends object, To>(parse: (from: From) => To): (from: From) => To {
  let latest = new WeakMap<From, Parsed<To>>();
  return (from) => {
    const parsed = latest.get(from) ?? attempt(parse, from);
    if (!latest.has(from)) latest = new WeakMap([[from, parsed]]);
    if ('error' in parsed) throw parsed.error;
    return parsed.value;
  };
}

/**
 * What is derived of an object and something beside it, kept for the latest pair, as long as the object lives. A
 * WeakMap of all of them would cost more than it saves: what it leads to survives the collection of young objects.
 */
export function rememberLatest<From extends object, Beside, To>(
  derive: (from: From, beside: Beside) => To,
): (from: From, beside: Beside) => To {
  let latest = new WeakMap<From, { readonly beside: Beside; readonly value: To }>();
  return (from, beside) => {
    const known = latest.get(from);
    if (known?.beside === beside) return known.value;
    const value = derive(from, beside);
    latest = new WeakMap([[from, { beside, value }]]);
    return value;
  };
}

function attempt<From, To>(parse: (from: From) => To, from: From): Parsed<To> {
  try {
    return { value: parse(from) };
  } catch (error) {
    return { error };
  }
}
