// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CountersignError } from '../errors.ts';
import { countJsonValues } from '../json-bounds.ts';
import { LIMITS } from '../limits.ts';

/** Reads the body of a request, within the bounds of one request and of all together. */
export type ReadBody = (request: IncomingMessage, response: ServerResponse) => Promise<Buffer>;

type Bounds = { readonly reviews: number; readonly bytes: number };

const BOUNDS_OF_ONE = { depth: LIMITS.reviewDepth, values: LIMITS.reviewValues };
const BOUNDS: Bounds = { reviews: LIMITS.reviewsUnderWay, bytes: LIMITS.reviewBytesUnderWay };
/** Of callers who are not proven: what they send takes no room from the API server. */
export const UNPROVEN_BOUNDS: Bounds = {
  reviews: LIMITS.unprovenReviewsUnderWay,
  bytes: LIMITS.unprovenReviewBytesUnderWay,
};

/**
 * A reader whose requests share their bounds. What it gives may be parsed: the objects that will be made of it
 * are counted in. A request counts until its response is closed, because those objects live as long. Attacker
 * input: whoever reaches the listener can send it, as slowly as the timeouts of the server let them.
 *
 * The reader throws REVIEW_TOO_LARGE (at once where the header says so) for too many bytes, levels or values,
 * LIMIT_EXCEEDED when all requests together are too many or too large, and CANCELLED when the client went away.
 */
export function createBodyReader(bounds: Bounds = BOUNDS): ReadBody {
  const underWay = { reviews: 0, bytes: 0 };
  const roomFor = (size: number) => bounds.bytes * (size > LIMITS.smallReviewBytes ? 1 : 2) - underWay.bytes;

  return (request, response) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let counted = 0;
      let over = false;
      underWay.reviews += 1;
      response.on('close', () => {
        underWay.reviews -= 1;
        underWay.bytes -= counted;
      });

      function count(bytes: number): void {
        counted += bytes;
        underWay.bytes += bytes;
      }

      function finish(): void {
        if (over) return;
        const body = joined(chunks);
        const objects = bytesOfObjects(body, roomFor(size));
        if (objects === undefined) {
          refuse(tooComplex());
        } else if (objects > roomFor(size)) {
          refuse(tooMuch());
        } else {
          count(objects);
          resolve(body);
        }
      }

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
        count(chunk.length);
        if (size > LIMITS.reviewBytes) return refuse(tooLarge());
        if (roomFor(size) < 0) return refuse(tooMuch());
        chunks.push(chunk);
      });
      request.on('end', finish);
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

/**
 * The bytes of the objects that `JSON.parse` will make of a body, or `undefined` past the bounds of one review. A
 * small body is not looked through while there is room for the worst that it could be: that is nearly always, and
 * the look would take as long as parsing.
 */
function bytesOfObjects(body: Buffer, room: number): number | undefined {
  const worst = body.length * LIMITS.jsonBytesPerByte;
  if (body.length <= LIMITS.smallReviewBytes && worst <= room) return worst;
  const values = countJsonValues(body, BOUNDS_OF_ONE);
  return values === undefined ? undefined : values * LIMITS.jsonValueBytes;
}

function tooComplex(): CountersignError {
  const { depth, values } = BOUNDS_OF_ONE;
  return new CountersignError(
    'REVIEW_TOO_LARGE',
    `the body is nested deeper than ${depth} or holds more than ${values} values`,
  );
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
