// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** Reads the body of a request, within the bounds of one request and of all together. */
export type ReadBody = (request: IncomingMessage, response: ServerResponse) => Promise<Buffer>;

/**
 * A reader whose requests share one bound of bytes. A request counts until its response is closed, because what
 * was made of the body lives as long. Attacker input: whoever reaches the listener can send it, as slowly as
 * the timeouts of the server let them.
 *
 * The reader throws REVIEW_TOO_LARGE (at once where the header says so), LIMIT_EXCEEDED when all requests
 * together are too much and this one is not small, CANCELLED when the client went away.
 */
export function createBodyReader(bytesUnderWay: number = LIMITS.reviewBytesUnderWay): ReadBody {
  let underWay = 0;

  return (request, response) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let over = false;
      response.once('close', () => {
        underWay -= size;
      });

      function refuse(error: CountersignError): void {
        over = true;
        chunks.length = 0;
        reject(error);
      }

      if (declaresTooMuch(request)) return refuse(tooLarge());
      request.on('data', (chunk: Buffer) => {
        if (over) return;
        size += chunk.length;
        underWay += chunk.length;
        if (size > LIMITS.reviewBytes) return refuse(tooLarge());
        if (underWay > bytesUnderWay && size > LIMITS.smallReviewBytes) return refuse(tooMuch());
        chunks.push(chunk);
      });
      request.on('end', () => resolve(joined(chunks)));
      request.on('error', (cause) => reject(gone(cause)));
      request.on('close', () => reject(gone()));
    });
}

/** Whether the headers say already that the body is too large. */
export function declaresTooMuch({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length']) > LIMITS.reviewBytes;
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

function tooLarge(): CountersignError {
  return new CountersignError('REVIEW_TOO_LARGE', `the body is larger than ${LIMITS.reviewBytes} bytes`);
}

function tooMuch(): CountersignError {
  return new CountersignError('LIMIT_EXCEEDED', 'too many reviews are under way');
}

function gone(cause?: Error): CountersignError {
  return new CountersignError('CANCELLED', 'the caller went away', { cause });
}
