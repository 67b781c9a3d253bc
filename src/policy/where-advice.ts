// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import type { Literal } from './where-names.ts';

/** What an expression for RE2 begins and ends with that is held against a whole text. */
const BEGINS = /^(?:\(\?[a-zA-Z]+\))?\(*(?:\?:)?(?:\^|\\A)/;
const ENDS = /(?:\$|\\z)\)*$/;
/** A URL that ends in its host, in an owner or in a repository: names that others can be longer than. */
const OPEN_URL = /:\/\/[^/@?#]+(?:\/[^/@?#]+){0,2}$/;

/** What a text that is written out in a condition also holds of, where that is mostly not meant. */
export function adviceOn({ call, text }: Literal): string | undefined {
  if (call === 'startsWith') return adviceOnStart(text);
  if (call !== 'matches') return undefined;
  const [begins, ends] = [BEGINS.test(text), ENDS.test(text)];
  if (begins || (ends && !text.includes('://'))) return undefined;
  return `matches finds ${quote(text)} anywhere in a text: begin it with ^, and end it with $`;
}

function adviceOnStart(text: string): string | undefined {
  if (!OPEN_URL.test(text)) return undefined;
  return `startsWith(${quote(text)}) holds of ${quote(`${text}-evil`)} too: end it with what comes next, such as / or @`;
}
