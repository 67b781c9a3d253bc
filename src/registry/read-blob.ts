// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { formatRepository, type Repository } from '../image/reference.ts';
import type { Asking } from './ask.ts';
import { readExactly } from './body.ts';
import type { Exchange } from './exchange.ts';
import { isNotFound } from './not-found.ts';
import { unexpectedStatus } from './status.ts';

/**
 * A blob of exactly the descriptor's size and digest (distribution specification, "Pulling blobs").
 *
 * @throws LIMIT_EXCEEDED before any request, BLOB_NOT_FOUND, DIGEST_MISMATCH, REGISTRY_ERROR
 */
export async function readBlob(
  ask: Asking,
  repository: Repository,
  descriptor: { readonly digest: Digest; readonly size: number },
  limit: number,
  exchange: Exchange,
): Promise<Uint8Array> {
  const { digest, size } = descriptor;
  const what = `blob ${formatRepository(repository)}@${digest}`;
  if (size > limit)
    throw new CountersignError('LIMIT_EXCEEDED', `${what}: ${size} bytes, at most ${limit} are read`);
  const call = {
    kind: 'blob',
    method: 'GET',
    repository,
    path: `blobs/${digest}`,
    accept: '*/*',
    what,
  } as const;
  return ask(call, exchange, async (answer) => {
    if (isNotFound(answer, what)) {
      throw new CountersignError(
        'BLOB_NOT_FOUND',
        `${answer.url.host} has no ${what}, which a manifest lists`,
      );
    }
    if (answer.status !== 200) throw await unexpectedStatus(answer, what);
    return readExactly(answer, { digest, size }, what);
  });
}
