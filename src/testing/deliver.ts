// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type Answer, answerBytes, answerEmpty } from './answer.ts';
import type { Faults } from './fault.ts';

type Change = NonNullable<ReturnType<Faults['takeChange']>>;

/** The base of this registry, and the path and query asked for. */
type Here = { readonly url: string; readonly path: string };

/** Sends the answer, changed as the faults say, and returns its status. */
export function deliver(
  response: ServerResponse,
  answer: Answer,
  faults: { readonly change: Change | undefined; readonly headers: ReturnType<Faults['takeHeaders']> },
  here: Here,
): number {
  const { change } = faults;
  const changed = change ? changeAnswer(answer, change, here) : answer;
  writeHead(response, changed, faults.headers, change);
  if (response.req.method === 'HEAD') response.end();
  else if (change?.kind === 'truncate') sendPart(response, changed.body, change.bytes);
  else if (change?.kind === 'oversize') sendEndless(response, change.bytes);
  else response.end(changed.body);
  return changed.status;
}

function changeAnswer(answer: Answer, change: Change, here: Here): Answer {
  switch (change.kind) {
    case 'wrong-bytes':
      return { ...answer, body: flipOne(answer.body) };
    case 'body':
      return answerBytes(change.status ?? 200, Buffer.from(change.body), {
        'content-type': change.contentType ?? 'text/html',
        ...change.headers,
      });
    case 'redirect':
      return answerEmpty(change.status ?? 307, { location: locationOf(change.to, here) });
    case 'truncate':
    case 'oversize':
      return answer;
  }
}

function writeHead(
  response: ServerResponse,
  { status, headers, body }: Answer,
  changes: Readonly<Record<string, string | undefined>>,
  change: Change | undefined,
): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const length = change?.kind === 'oversize' ? change.bytes : body.length;
  if (change?.kind !== 'oversize' || change.declared !== false) response.setHeader('content-length', length);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) response.removeHeader(name);
    else response.setHeader(name, value);
  }
}

function flipOne(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const middle = copy.length >> 1;
  const byte = copy[middle];
  if (byte !== undefined) copy[middle] = byte ^ 1;
  return copy;
}

function locationOf(to: string | { readonly url: string }, here: Here): string {
  if (to === 'loop') return here.url + here.path;
  return typeof to === 'string' ? to : to.url + here.path;
}

function sendPart(response: ServerResponse, body: Uint8Array, bytes = body.length >> 1): void {
  response.write(body.subarray(0, bytes), () => response.destroy());
}

function sendEndless(response: ServerResponse, bytes: number): void {
  const block = Buffer.alloc(64 * 1024, 'x');
  let left = bytes;
  const body = new Readable({
    read() {
      const next = block.subarray(0, Math.min(left, block.length));
      left -= next.length;
      this.push(next.length > 0 ? next : null);
    },
  });
  response.once('close', () => body.destroy());
  body.pipe(response);
}
