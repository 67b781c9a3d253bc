// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { malformed } from './json.ts';
import type { Answer } from './transport.ts';
import { parseServerUrl } from './url.ts';

/** One page of a list, and where the next one is. */
export type Page<T> = { readonly items: readonly T[]; readonly next: URL | undefined };

/**
 * All items of a paginated list: at most `most` of them, over at most {@link LIMITS}.pages pages.
 *
 * @throws LIMIT_EXCEEDED for what is longer, never a part of the list
 */
export async function readPages<T>(
  first: Page<T>,
  most: number,
  what: string,
  readPage: (url: URL) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = first, pages = 1; ; pages++) {
    if (items.length + page.items.length > most) throw exceeded(`${what}: more than ${most}`);
    for (const item of page.items) items.push(item);
    if (page.next === undefined) return items;
    if (pages >= LIMITS.pages) throw exceeded(`${what}: more than ${LIMITS.pages} pages`);
    page = await readPage(page.next);
  }
}

/**
 * The URL of the next page: the Link header with `rel="next"` (RFC 8288; distribution specification, "Listing Tags").
 * Attacker input; the client refuses to ask it where it is not of the registry's own origin.
 *
 * @throws RESPONSE_MALFORMED
 */
export function nextPage(answer: Answer): URL | undefined {
  const target = findNext(answer.header('link') ?? '');
  if (target === undefined) return undefined;
  const next = parseServerUrl(target, answer.url);
  if (next === undefined) throw malformed(`${answer.url.host}: the next page of a list is no URL`);
  return next;
}

function findNext(header: string): string | undefined {
  for (const [, target, parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;[ \t]*rel[ \t]*=[ \t]*(?:next(?![^\s;,])|"(?:[^"]*[ \t])?next(?:[ \t][^"]*)?")/i.test(parameters))
      return target;
  }
  return undefined;
}

function exceeded(message: string): CountersignError {
  return new CountersignError('LIMIT_EXCEEDED', message);
}
