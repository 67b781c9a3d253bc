// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** Reads the body of a request, within the bounds of one request and of all together. */
export type ReadBody = (request: IncomingMessage, response: ServerResponse) => Promise<Buffer>;

type Bounds = { readonly reviews: number; readonly bytes: number };

const BOUNDS: Bounds = { reviews: LIMITS.reviewsUnderWay, bytes: LIMITS.reviewBytesUnderWay };

/**
 * A reader whose requests share their bounds. A request counts until its response is closed, because what was
 * made of the body lives as long. Attacker input: whoever reaches the listener can send it, as slowly as the
 * timeouts of the server let them.
 *
 * The reader throws REVIEW_TOO_LARGE (at once where the header says so), LIMIT_EXCEEDED when all requests
 * together are too many, or too large and this one is not small, and CANCELLED when the client went away.
 */
export function createBodyReader(bounds: Bounds = BOUNDS): ReadBody {
  const underWay = { reviews: 0, bytes: 0 };

  return (request, response) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let over = false;
      underWay.reviews += 1;
      response.once('close', () => {
        underWay.reviews -= 1;
        underWay.bytes -= size;
      });

      function refuse(error: CountersignError): void {
        over = true;
        chunks.length = 0;
        reject(error);
      }

      if (declaresTooMuch(request)) return refuse(tooLarge());
      if (underWay.reviews > bounds.reviews) return refuse(tooMuch());
      request.on('data', (chunk: Buffer) => {
        if (over) return;
        size += chunk.length;
        underWay.bytes += chunk.length;
        if (size > LIMITS.reviewBytes) return refuse(tooLarge());
        if (underWay.bytes > bounds.bytes && size > LIMITS.smallReviewBytes) return refuse(tooMuch());
        chunks.push(chunk);
      });
      request.on('end', () => resolve(joined(chunks)));
      request.on('error', (cause) => reject(gone(cause)));
      request.on('close', () => {
        if (!request.complete) reject(gone());
      });
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
