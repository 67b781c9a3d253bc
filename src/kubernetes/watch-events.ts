// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isJsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import type { ByteStream } from './connection.ts';
import { failureOf } from './failure.ts';
import { parseObject } from './json.ts';
import { asObject, type KubernetesObject } from './object.ts';

/** One line of a watch. A bookmark says only which version everything before it has reached. */
export type WatchEvent =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: KubernetesObject;
      readonly version: string;
    }
  | { readonly type: 'BOOKMARK'; readonly version: string };

const NEWLINE = 0x0a;

/**
 * The events of a stream, one JSON line each. A last line without its end was cut off and is left out: the
 * next watch brings it again.
 *
 * @throws CountersignError KUBERNETES_ERROR for what is no event (with the server's status where it is one), LIMIT_EXCEEDED for a line over `kubernetesObjectBytes`
 */
export async function* readEvents(stream: ByteStream, what: string): AsyncGenerator<WatchEvent> {
  for await (const line of linesOf(stream, what)) {
    if (line.length > 0) yield parseEvent(line, what);
  }
}

async function* linesOf(stream: ByteStream, what: string): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      check(held + end - start, what);
      yield Buffer.concat([...pieces, chunk.subarray(start, end)]);
      pieces = [];
      held = 0;
      start = end + 1;
    }
    held += chunk.length - start;
    check(held, what);
    pieces.push(chunk.subarray(start));
  }
}

function check(length: number, what: string): void {
  const limit = LIMITS.kubernetesObjectBytes;
  if (length <= limit) return;
  throw new CountersignError('LIMIT_EXCEEDED', `${what}: an event is larger than ${limit} bytes`);
}

function parseEvent(line: Uint8Array, what: string): WatchEvent {
  const { type, object } = parseObject(line, what);
  if (!isJsonObject(object)) throw malformed(what);
  if (type === 'ERROR') {
    const { code } = object;
    throw failureOf(typeof code === 'number' ? code : 500, object, what);
  }
  if (type === 'BOOKMARK') return { type, version: versionOf(object['metadata'], what) };
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') throw malformed(what);
  const known = asObject(object, what);
  return { type, object: known, version: versionOf(known.metadata, what) };
}

function versionOf(metadata: unknown, what: string): string {
  const version = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined;
  if (typeof version !== 'string' || version === '') throw malformed(what);
  return version;
}

function malformed(what: string): CountersignError {
  return new CountersignError('KUBERNETES_ERROR', `${what}: the answer is no event of a watch`);
}
