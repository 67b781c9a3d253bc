// SPDX-License-Identifier: Apache-2.0

type Result<To> = { readonly value: To } | { readonly error: unknown };

/** What `find` gives, or throws, found out at the first call. */
export function once<To>(find: () => To): () => To {
  let found: Result<To> | undefined;
  return () => {
    found ??= attempt(find);
    return resultOf(found);
  };
}

/**
 * The parser, run once for all who ask for the same object one after the other: the signers of a candidate, the
 * layers that share a payload. Only the latest is kept, what does not parse too: read, a candidate can be many
 * times as large as its bytes, and nobody counts that.
 */
export function parseOnce<From extends object, To>(parse: (from: From) => To): (from: From) => To {
  let latest = new WeakMap<From, Result<To>>();
  return (from) => {
    const parsed = latest.get(from) ?? attempt(() => parse(from));
    if (!latest.has(from)) latest = new WeakMap([[from, parsed]]);
    return resultOf(parsed);
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

function attempt<To>(find: () => To): Result<To> {
  try {
    return { value: find() };
  } catch (error) {
    return { error };
  }
}

function resultOf<To>(result: Result<To>): To {
  if ('error' in result) throw result.error;
  return result.value;
}
