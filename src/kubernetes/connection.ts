// SPDX-License-Identifier: Apache-2.0
import type { Dispatcher } from 'undici';
import { CountersignError } from '../errors.ts';
import type { JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import type { KubernetesAccess } from './access.ts';
import { asUnreachable, failureOf, isLostConnection } from './failure.ts';
import { parseObject } from './json.ts';
import { createPools } from './pools.ts';

/** One request. `path` is an API path with its query. */
type KubernetesRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
};

/** A body that arrives over time. Leaving the loop over it ends it. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Kept connections to one API server. */
export type Connection = {
  /**
   * The object that answers, of at most `limit` bytes, and its HTTP status.
   * @throws CountersignError KUBERNETES_UNREACHABLE, KUBERNETES_FORBIDDEN, KUBERNETES_CONFLICT, KUBERNETES_ERROR, LIMIT_EXCEEDED, CANCELLED
   */
  ask(request: KubernetesRequest, signal: AbortSignal, limit: number): Promise<JsonObject>;
  /** The bytes of a watch, as they come. Throws the same, also while it is read. */
  stream(path: string, signal: AbortSignal): Promise<ByteStream>;
  /**
   * How far the server's clock is ahead of ours, in milliseconds, as the `Date` of its last answer says: to a second
   * or two, and negative where it is behind. `undefined` before the first answer, and where there is no such header.
   */
  aheadMs(): number | undefined;
  close(): Promise<void>;
};

type Answer = Dispatcher.ResponseData;

/**
 * Connections with this access. A token that is refused is read again once; after a failed connection so are the
 * authorities, for whoever asks next. `graceMs`: see {@link createPools}.
 */
export function connect(access: KubernetesAccess, graceMs?: number): Connection {
  const pools = createPools(access, graceMs);
  let failed = false;
  let aheadMs: number | undefined;
  const prefix = access.server.pathname.replace(/\/+$/, '');

  async function send(
    request: KubernetesRequest,
    signal: AbortSignal,
    bodyMs: number,
    fresh: boolean,
  ): Promise<Answer> {
    const { method, path, body, contentType = 'application/json' } = request;
    const token = access.token?.(fresh);
    const pool = pools.current(failed);
    failed = false;
    const asking = pool.request({
      path: prefix + path,
      method,
      signal,
      headersTimeout: LIMITS.idleMs,
      bodyTimeout: bodyMs,
      body: body === undefined ? null : JSON.stringify(body),
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'countersign',
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    const answer = await asking.catch((error) => {
      failed = !signal.aborted;
      throw error;
    });
    aheadMs = aheadOf(answer.headers['date']);
    // Destroying a body that nobody listens to yet would otherwise be an uncaught exception.
    answer.body.on('error', () => {});
    return answer;
  }

  async function answerTo(request: KubernetesRequest, signal: AbortSignal, bodyMs: number): Promise<Answer> {
    const first = await withOneRepeat(request, () => send(request, signal, bodyMs, false), signal);
    if (first.statusCode !== 401 || access.token === undefined) return first;
    await first.body.dump({ limit: LIMITS.errorBodyBytes });
    return send(request, signal, bodyMs, true);
  }

  return {
    async ask(request, signal, limit) {
      const what = nameOf(request);
      try {
        const answer = await answerTo(request, signal, LIMITS.idleMs);
        const bytes = await readAll(answer, isSuccess(answer) ? limit : LIMITS.errorBodyBytes, what);
        if (!isSuccess(answer)) throw failureOf(answer.statusCode, parsedIfPossible(bytes, what), what);
        return parseObject(bytes, what);
      } catch (error) {
        throw asUnreachable(error, what, signal);
      }
    },
    async stream(path, signal) {
      const request = { method: 'GET', path } as const;
      const what = nameOf(request);
      try {
        const answer = await answerTo(request, signal, LIMITS.watchIdleMs);
        if (isSuccess(answer)) return answer.body;
        const bytes = await readAll(answer, LIMITS.errorBodyBytes, what);
        throw failureOf(answer.statusCode, parsedIfPossible(bytes, what), what);
      } catch (error) {
        throw asUnreachable(error, what, signal);
      }
    },
    aheadMs: () => aheadMs,
    close: pools.close,
  };
}

function aheadOf(date: string | string[] | undefined): number | undefined {
  const ahead = typeof date === 'string' ? Date.parse(date) - Date.now() : Number.NaN;
  return Number.isNaN(ahead) ? undefined : ahead;
}

/** A kept connection may be closed by the server at the moment it is used: what only reads is asked once more. */
async function withOneRepeat(
  { method }: KubernetesRequest,
  attempt: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return await attempt();
  } catch (error) {
    if (method !== 'GET' || signal.aborted || !isLostConnection(error)) throw error;
    return attempt();
  }
}

function isSuccess({ statusCode }: Answer): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function readAll(answer: Answer, limit: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  // Leaving the loop by an exception destroys the body and its connection.
  for await (const chunk of answer.body as ByteStream) {
    total += chunk.length;
    if (total > limit) {
      throw new CountersignError('LIMIT_EXCEEDED', `${what}: the answer is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Of an error: a proxy's may be a page of HTML, and then its status is all there is. */
function parsedIfPossible(bytes: Uint8Array, what: string): JsonObject {
  try {
    return parseObject(bytes, what);
  } catch {
    return {};
  }
}

/** For messages: what was asked, without the query, which may hold the token of a list's next page. */
function nameOf({ method, path }: KubernetesRequest): string {
  return `${method} ${path.split('?', 1)[0]}`;
}
