// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../image/digest.ts';
import { formatRepository, type Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import type { Asking } from './ask.ts';
import { readBody } from './body.ts';
import { type Descriptor, parseDescriptors } from './descriptor.ts';
import type { Exchange } from './exchange.ts';
import { malformed, parseJsonObject } from './json.ts';
import { mediaTypeOf } from './not-found.ts';
import { nextPage, type Page, readPages } from './pages.ts';
import { unexpectedStatus } from './status.ts';
import { type Answer, discard } from './transport.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * Why there is no list: the API is not there (404, 400, 406), or what answered is not it (another content type).
 * Both lead to the fallback tag; only the first is to be remembered.
 */
export type NoReferrers = 'unsupported' | 'foreign';

/**
 * All manifests that refer to a digest (distribution specification, "Listing Referrers"), no filter asked for;
 * or why there is no list, which only the first answer can say. A list that breaks off later is an error, never
 * a shorter list.
 *
 * @throws LIMIT_EXCEEDED, RESPONSE_MALFORMED, REGISTRY_ERROR
 */
export async function listReferrers(
  ask: Asking,
  repository: Repository,
  digest: Digest,
  exchange: Exchange,
  take?: (bytes: number) => void,
): Promise<Descriptor[] | NoReferrers> {
  const what = `referrers of ${formatRepository(repository)}@${digest}`;
  const call = { kind: 'referrers', method: 'GET', repository, accept: INDEX, what } as const;
  const first = await ask(
    { ...call, path: `referrers/${digest}` },
    exchange,
    async (answer) => lackOfApi(answer) ?? readPage(answer, what, take),
  );
  if (typeof first === 'string') return first;
  return readPages(first, LIMITS.referrers, what, (next) =>
    ask({ ...call, path: next }, exchange, (answer) => readPage(answer, what, take)),
  );
}

function lackOfApi(answer: Answer): NoReferrers | undefined {
  const { status } = answer;
  const isAbsent = status === 404 || status === 400 || status === 406;
  const isForeign = status === 200 && mediaTypeOf(answer) !== INDEX;
  if (!isAbsent && !isForeign) return undefined;
  discard(answer);
  return isAbsent ? 'unsupported' : 'foreign';
}

async function readPage(
  answer: Answer,
  what: string,
  take?: (bytes: number) => void,
): Promise<Page<Descriptor>> {
  if (answer.status !== 200) throw await unexpectedStatus(answer, what);
  const where = `${answer.url.host}: ${what}`;
  const body = parseJsonObject(await readBody(answer, LIMITS.manifestBytes, what, take), where);
  if (!Array.isArray(body['manifests'])) throw malformed(`${where}: not an index`);
  return { items: parseDescriptors(body, 'manifests', where), next: nextPage(answer) };
}
