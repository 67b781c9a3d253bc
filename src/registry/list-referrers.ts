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
const UNSUPPORTED = 'unsupported';

/**
 * All manifests that refer to a digest (distribution specification, "Listing Referrers"), no filter asked for.
 * `unsupported` where the first answer says that the API is not there: 404, 400, 406, or another content type. A
 * list that breaks off later is an error, never a shorter list.
 *
 * @throws LIMIT_EXCEEDED, RESPONSE_MALFORMED, REGISTRY_ERROR
 */
export async function listReferrers(
  ask: Asking,
  repository: Repository,
  digest: Digest,
  exchange: Exchange,
): Promise<Descriptor[] | typeof UNSUPPORTED> {
  const what = `referrers of ${formatRepository(repository)}@${digest}`;
  const call = { kind: 'referrers', method: 'GET', repository, accept: INDEX, what } as const;
  const first = await ask({ ...call, path: `referrers/${digest}` }, exchange, async (answer) =>
    lacksApi(answer) ? UNSUPPORTED : readPage(answer, what),
  );
  if (first === UNSUPPORTED) return UNSUPPORTED;
  return readPages(first, LIMITS.referrers, what, (next) =>
    ask({ ...call, path: next }, exchange, (answer) => readPage(answer, what)),
  );
}

function lacksApi(answer: Answer): boolean {
  const { status } = answer;
  const lacking =
    status === 404 || status === 400 || status === 406 || (status === 200 && mediaTypeOf(answer) !== INDEX);
  if (lacking) discard(answer);
  return lacking;
}

async function readPage(answer: Answer, what: string): Promise<Page<Descriptor>> {
  if (answer.status !== 200) throw await unexpectedStatus(answer, what);
  const where = `${answer.url.host}: ${what}`;
  const body = parseJsonObject(await readBody(answer, LIMITS.manifestBytes, what), where);
  if (!Array.isArray(body['manifests'])) throw malformed(`${where}: not an index`);
  return { items: parseDescriptors(body, 'manifests', where), next: nextPage(answer) };
}
