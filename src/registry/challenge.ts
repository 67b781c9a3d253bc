// SPDX-License-Identifier: Apache-2.0

/** One challenge of a WWW-Authenticate header; scheme and parameter names in lower case. */
export type Challenge = { readonly scheme: string; readonly parameters: ReadonlyMap<string, string> };

const LONGEST_HEADER = 8 * 1024;

/** RFC 9110 §5.6.2 (token) and §11.2 (token68, auth-param), §5.6.4 (quoted-string). */
const SCHEME = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const PARAMETER =
  /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z:/-]+))(?=[ \t]*(?:,|$))/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const SEPARATORS = /[ \t,]*/y;
const SPACES = /[ \t]+/y;

/**
 * The challenges of a WWW-Authenticate header, in order (RFC 9110 §11.6.1: several may stand in one header,
 * and only grammar tells whether a comma ends a parameter or a challenge).
 *
 * Attacker input: reading stops at the first text that is no challenge, and what was read until there counts.
 * The first of two parameters of one name wins.
 */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const text = (header ?? '').slice(0, LONGEST_HEADER);
  const challenges: Challenge[] = [];
  let at = skip(SEPARATORS, text, 0);
  while (at < text.length) {
    const scheme = matchAt(SCHEME, text, at);
    if (scheme === undefined) break;
    const parameters = new Map<string, string>();
    at = readParameters(text, at + scheme[0].length, parameters);
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters });
  }
  return challenges;
}

/** Reads until what comes next is not a parameter; returns where that is. */
function readParameters(text: string, from: number, parameters: Map<string, string>): number {
  const spaced = skip(SPACES, text, from);
  if (spaced === from) return skip(SEPARATORS, text, from);
  let at = skip(SEPARATORS, text, spaced);
  for (;;) {
    const parameter = matchAt(PARAMETER, text, at);
    if (parameter === undefined) break;
    const [whole, name = '', quoted, bare = ''] = parameter;
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare);
    at = skip(SEPARATORS, text, at + whole.length);
  }
  if (parameters.size > 0) return at;
  // `Negotiate abc==`: data of a scheme that we do not speak. Without a comma before it, it is no scheme.
  const data = matchAt(TOKEN68, text, spaced);
  return data === undefined || at !== spaced ? at : skip(SEPARATORS, text, spaced + data[0].length);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function skip(pattern: RegExp, text: string, at: number): number {
  return at + (matchAt(pattern, text, at)?.[0].length ?? 0);
}
