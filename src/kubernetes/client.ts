// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';
import type { KubernetesAccess } from './access.ts';
import { withQuery } from './api-path.ts';
import { connect } from './connection.ts';
import { StatusError } from './failure.ts';
import { type Listed, listAll } from './list.ts';
import { asObject, type KubernetesObject } from './object.ts';
import { type WatchHandler, type WatchOptions, watchForever } from './watch.ts';

/** How a patch is to be read: RFC 7396, RFC 6902, or as a manifest whose fields `fieldManager` then owns. */
type PatchOptions = {
  readonly type: 'merge' | 'json' | 'apply';
  /** Needed by `apply`. */
  readonly fieldManager?: string;
  /** `apply` only: takes fields over that others own. */
  readonly force?: boolean;
};

/**
 * A thin client for one API server. Paths are API paths made with `apiPath`; the path of a collection for `list`,
 * `create` and `watch`, else that of an object. Everything throws CountersignError: KUBERNETES_UNREACHABLE,
 * KUBERNETES_FORBIDDEN (401, 403), KUBERNETES_CONFLICT, KUBERNETES_ERROR, LIMIT_EXCEEDED, and what `signal` aborts with.
 */
export type KubernetesClient = {
  /** The object, of at most `limit` bytes; `undefined` where there is none. Never from a cache of the server. */
  get(path: string, signal: AbortSignal, limit?: number): Promise<KubernetesObject | undefined>;
  /** The whole collection, page by page. */
  list(path: string, signal: AbortSignal): Promise<Listed>;
  /** KUBERNETES_CONFLICT where the object is there already. */
  create(path: string, object: object, signal: AbortSignal): Promise<KubernetesObject>;
  /** Replaces the object; KUBERNETES_CONFLICT where `metadata.resourceVersion` is no longer its version, or it is gone. */
  update(path: string, object: object, signal: AbortSignal): Promise<KubernetesObject>;
  patch(path: string, patch: object, options: PatchOptions, signal: AbortSignal): Promise<KubernetesObject>;
  /** It is no error if there is none. */
  delete(path: string, signal: AbortSignal): Promise<void>;
  /**
   * Follows a collection until `signal` aborts or the client closes, then resolves; never rejects. What goes wrong
   * is told to the handler and tried again, with growing pauses.
   */
  watch(path: string, handler: WatchHandler, signal: AbortSignal, options?: WatchOptions): Promise<void>;
  /** How far the clock of the server is ahead of ours: see `Connection.aheadMs`. */
  aheadMs(): number | undefined;
  /** Ends all watches and requests. */
  close(): Promise<void>;
};

const CONTENT_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml', // JSON is YAML.
} as const;

/**
 * A client with this access; it connects when first asked.
 *
 * @throws CountersignError KUBECONFIG_INVALID where its certificates cannot be used
 */
export function createKubernetesClient(access: KubernetesAccess): KubernetesClient {
  const connection = connect(access);
  const closing = new AbortController();
  const until = (signal: AbortSignal) => AbortSignal.any([signal, closing.signal]);

  async function write(
    request: { method: 'POST' | 'PUT' | 'PATCH'; path: string; body: object; contentType?: string },
    signal: AbortSignal,
  ): Promise<KubernetesObject> {
    try {
      const answer = await connection.ask(request, until(signal), LIMITS.kubernetesObjectBytes);
      return asObject(answer, `${request.method} ${request.path}`);
    } catch (error) {
      throw request.method === 'POST' ? error : asConflict(error);
    }
  }

  return {
    async get(path, signal, limit = LIMITS.kubernetesObjectBytes) {
      try {
        const request = { method: 'GET', path } as const;
        const answer = await connection.ask(request, until(signal), limit);
        return asObject(answer, `GET ${path}`);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    list: (path, signal) => listAll(connection, path, until(signal)),
    create: (path, object, signal) => write({ method: 'POST', path, body: object }, signal),
    update: (path, object, signal) => write({ method: 'PUT', path, body: object }, signal),
    patch(path, patch, { type, fieldManager, force }, signal) {
      const asked = withQuery(path, { fieldManager, force: force === true ? 'true' : undefined });
      return write({ method: 'PATCH', path: asked, body: patch, contentType: CONTENT_TYPES[type] }, signal);
    },
    async delete(path, signal) {
      try {
        await connection.ask({ method: 'DELETE', path }, until(signal), LIMITS.kubernetesObjectBytes);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
    watch: (path, handler, signal, options) =>
      watchForever(connection, path, handler, until(signal), options),
    aheadMs: connection.aheadMs,
    close() {
      closing.abort();
      return connection.close();
    },
  };
}

function isNotFound(error: unknown): boolean {
  return error instanceof StatusError && error.status === 404;
}

/** Gone since it was read is a conflict like any other: whoever changes it has to read again. */
function asConflict(error: unknown): unknown {
  if (!(error instanceof StatusError) || error.status !== 404) return error;
  return new StatusError('KUBERNETES_CONFLICT', error.message, error.status);
}
