// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { CountersignError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { asBodyFailure } from './failure.ts';
import type { Answer } from './transport.ts';

/**
 * The body, of at most `limit` bytes. A declared length over the limit is refused before anything is read; `take`
 * is told of each piece before it is kept, and ends the reading by throwing.
 *
 * @throws LIMIT_EXCEEDED, RESPONSE_MALFORMED, and the codes of a connection that breaks
 */
export async function readBody(
  answer: Answer,
  limit: number,
  what: string,
  take: (bytes: number) => void = () => {},
): Promise<Uint8Array> {
  refuseEncoded(answer, what);
  const declared = declaredLength(answer);
  if (declared !== undefined && declared > limit) throw refuse(answer, tooLarge(answer, what, limit));
  const chunks: Uint8Array[] = [];
  await eachChunk(
    answer,
    limit,
    () => tooLarge(answer, what, limit),
    (chunk) => {
      take(chunk.length);
      chunks.push(chunk);
    },
  );
  return Buffer.concat(chunks);
}

/**
 * The body, which must have exactly this size and digest. Size and digest are computed as the bytes arrive;
 * the first byte too many ends it.
 *
 * @throws DIGEST_MISMATCH, RESPONSE_MALFORMED, and the codes of a connection that breaks
 */
export async function readExactly(
  answer: Answer,
  wanted: { readonly digest: Digest; readonly size: number },
  what: string,
): Promise<Uint8Array> {
  refuseEncoded(answer, what);
  const { digest, size } = wanted;
  const host = answer.url.host;
  const declared = declaredLength(answer);
  if (declared !== undefined && declared !== size) {
    throw refuse(answer, mismatch(`${host}: ${what}: ${declared} bytes were announced, wanted ${size}`));
  }
  const hash = createHash(algorithmOf(digest));
  // Memory of its own: what is remembered must not keep a block alive that others share.
  const bytes = Buffer.allocUnsafeSlow(size);
  const tooLong = () => mismatch(`${host}: ${what}: more than the ${size} bytes wanted`);
  const read = await eachChunk(answer, size, tooLong, (chunk, at) => {
    hash.update(chunk);
    bytes.set(chunk, at);
  });
  if (read !== size) throw mismatch(`${host}: ${what}: ${read} bytes, wanted ${size}`);
  const found = `${algorithmOf(digest)}:${hash.digest('hex')}`;
  if (found !== digest) throw mismatch(`${host}: ${what}: the content has the digest ${found}`);
  return bytes;
}

/** The algorithm that made a digest. */
export function algorithmOf(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

async function eachChunk(
  answer: Answer,
  limit: number,
  overflow: () => CountersignError,
  take: (chunk: Uint8Array, at: number) => void,
): Promise<number> {
  let total = 0;
  try {
    // Leaving the loop by an exception destroys the body and its connection.
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      const at = total;
      total += chunk.length;
      if (total > limit) throw overflow();
      take(chunk, at);
    }
  } catch (error) {
    throw asBodyFailure(error, answer.url.host);
  }
  return total;
}

// We ask for identity; whoever compresses all the same could send a few bytes that become gigabytes.
function refuseEncoded(answer: Answer, what: string): void {
  const encoding = answer.header('content-encoding');
  if (encoding === undefined || /^(?:identity)?$/i.test(encoding.trim())) return;
  const message = `${answer.url.host}: ${what}: the answer is compressed, wanted it as it is`;
  throw refuse(answer, new CountersignError('RESPONSE_MALFORMED', message));
}

function declaredLength(answer: Answer): number | undefined {
  const text = answer.header('content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Ends the connection instead of reading what is not wanted. */
function refuse(answer: Answer, error: CountersignError): CountersignError {
  answer.body.destroy();
  return error;
}

function mismatch(message: string): CountersignError {
  return new CountersignError('DIGEST_MISMATCH', message);
}

function tooLarge(answer: Answer, what: string, limit: number): CountersignError {
  const message = `${answer.url.host}: ${what}: the answer is larger than ${limit} bytes`;
  return new CountersignError('LIMIT_EXCEEDED', message);
}
