// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { formatRepository, isTag, type Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import type { Asking } from './ask.ts';
import { readBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { malformed, parseJsonObject } from './json.ts';
import { isNotFound } from './not-found.ts';
import { nextPage, type Page, readPages } from './pages.ts';
import { unexpectedStatus } from './status.ts';
import type { Answer } from './transport.ts';

/** The most that the distribution project's registry gives at once. */
const PAGE = 1000;

/**
 * All tags of a repository (distribution specification, "Listing Tags").
 *
 * @throws IMAGE_NOT_FOUND, LIMIT_EXCEEDED, RESPONSE_MALFORMED, REGISTRY_ERROR
 */
export async function listTags(ask: Asking, repository: Repository, exchange: Exchange): Promise<string[]> {
  const what = `tags of ${formatRepository(repository)}`;
  const call = { kind: 'tags', method: 'GET', repository, accept: 'application/json', what } as const;
  const read = (answer: Answer) => readPage(answer, what);
  const first = await ask({ ...call, path: `tags/list?n=${PAGE}` }, exchange, read);
  return readPages(first, LIMITS.tags, what, (next) => ask({ ...call, path: next }, exchange, read));
}

async function readPage(answer: Answer, what: string): Promise<Page<string>> {
  if (isNotFound(answer, what)) {
    throw new CountersignError('IMAGE_NOT_FOUND', `${answer.url.host} has no ${what}`);
  }
  if (answer.status !== 200) throw await unexpectedStatus(answer, what);
  const where = `${answer.url.host}: ${what}`;
  const body = parseJsonObject(await readBody(answer, LIMITS.manifestBytes, what), where);
  const tags: unknown = body['tags'] ?? [];
  if (!Array.isArray(tags)) throw malformed(`${where}: not a list of tags`);
  return { items: tags.map((tag: unknown) => parseTag(tag, where)), next: nextPage(answer) };
}

function parseTag(tag: unknown, where: string): string {
  if (typeof tag === 'string' && isTag(tag)) return tag;
  throw malformed(`${where}: something that is not a tag`);
}
