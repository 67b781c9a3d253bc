// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { type Digest, digestOf, isDigest } from '../image/digest.ts';
import { formatRepository, type Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import type { Asking, Call } from './ask.ts';
import { algorithmOf, readBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { malformed, parseJsonObject } from './json.ts';
import { MANIFEST_TYPES, type Manifest } from './manifest.ts';
import { isNotFound, mediaTypeOf } from './not-found.ts';
import type { Reading } from './registry.ts';
import { unexpectedStatus } from './status.ts';
import { type Answer, discard } from './transport.ts';

/**
 * The digest that a tag has (distribution specification, "Checking if content exists in the registry"): by HEAD,
 * and where the registry does not say the digest there, by reading the manifest.
 *
 * @throws IMAGE_NOT_FOUND, DIGEST_MISMATCH, RESPONSE_MALFORMED, REGISTRY_ERROR
 */
export async function resolveTag(
  ask: Asking,
  repository: Repository,
  tag: string,
  exchange: Exchange,
): Promise<Digest> {
  const call = callFor(repository, { tag }, 'HEAD');
  const head = await ask(call, exchange, (answer) => readHead(answer, call.what));
  if (head !== 'not found' && head !== 'not said') return head;
  const manifest = head === 'not said' ? await readManifest(ask, repository, { tag }, exchange) : undefined;
  if (manifest !== undefined) return manifest.digest;
  throw new CountersignError('IMAGE_NOT_FOUND', `${repository.registry} has no ${call.what}`);
}

/**
 * A manifest or index. By digest, that is what the bytes must have; by tag, the digest is computed, and must be
 * the one that the registry says, if it says one.
 *
 * @throws DIGEST_MISMATCH, RESPONSE_MALFORMED, LIMIT_EXCEEDED, REGISTRY_ERROR
 */
export function readManifest(
  ask: Asking,
  repository: Repository,
  reference: Digest | { readonly tag: string },
  exchange: Exchange,
  { limit = LIMITS.manifestBytes, take }: Reading = {},
): Promise<Manifest | undefined> {
  const call = callFor(repository, reference, 'GET');
  return ask(call, exchange, async (answer) => {
    if (isNotFound(answer, call.what)) return undefined;
    if (answer.status !== 200) throw await unexpectedStatus(answer, call.what);
    const mediaType = mediaTypeOf(answer);
    if (mediaType === 'text/html') {
      discard(answer);
      throw malformed(`${answer.url.host}: ${call.what}: the answer is a web page`);
    }
    const wanted = typeof reference === 'string' ? reference : saidDigest(answer, call.what);
    const bytes = await readBody(answer, limit, call.what, take);
    const digest = digestOf(bytes, wanted && algorithmOf(wanted));
    if (wanted !== undefined && digest !== wanted) throw mismatch(answer, call.what, digest);
    // What a digest was asked for by is what it is; a tag could lead to anything.
    if (typeof reference !== 'string') parseJsonObject(bytes, `${answer.url.host}: ${call.what}`);
    return { bytes, digest, mediaType };
  });
}

function callFor(
  repository: Repository,
  reference: Digest | { readonly tag: string },
  method: 'GET' | 'HEAD',
): Call {
  const name = typeof reference === 'string' ? reference : reference.tag;
  const separator = typeof reference === 'string' ? '@' : ':';
  const what = `manifest ${formatRepository(repository)}${separator}${name}`;
  return { kind: 'manifest', method, repository, path: `manifests/${name}`, accept: MANIFEST_TYPES, what };
}

async function readHead(answer: Answer, what: string): Promise<Digest | 'not found' | 'not said'> {
  if (isNotFound(answer, what)) return 'not found';
  // 405: a server that does not know HEAD.
  if (answer.status !== 200 && answer.status !== 405) throw await unexpectedStatus(answer, what);
  discard(answer);
  return (answer.status === 200 ? saidDigest(answer, what) : undefined) ?? 'not said';
}

function saidDigest(answer: Answer, what: string): Digest | undefined {
  const said = answer.header('docker-content-digest');
  if (said === undefined || isDigest(said)) return said;
  discard(answer);
  throw malformed(`${answer.url.host}: ${what}: Docker-Content-Digest is not a digest`);
}

function mismatch(answer: Answer, what: string, digest: Digest): CountersignError {
  const message = `${answer.url.host}: ${what}: the content has the digest ${digest}`;
  return new CountersignError('DIGEST_MISMATCH', message);
}
