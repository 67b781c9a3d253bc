// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { withQuery } from './api-path.ts';
import type { Connection } from './connection.ts';
import { GONE, StatusError } from './failure.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { asObject, type KubernetesObject } from './object.ts';

/** A collection at one version. The items of a list have no `kind` of their own. */
export type Listed = { readonly items: readonly KubernetesObject[]; readonly resourceVersion: string };

/** Objects asked for at a time: of the largest that etcd takes, so many are some MiB. */
const PAGE = 100;

/**
 * The whole collection. Where its next page has expired on the server in the meantime, the list starts anew, once.
 *
 * @throws CountersignError LIMIT_EXCEEDED past `kubernetesItems`, and what a request throws
 */
export async function listAll(connection: Connection, path: string, signal: AbortSignal): Promise<Listed> {
  try {
    return await listOnce(connection, path, signal);
  } catch (error) {
    if (!(error instanceof StatusError) || error.status !== GONE) throw error;
    return listOnce(connection, path, signal);
  }
}

async function listOnce(connection: Connection, path: string, signal: AbortSignal): Promise<Listed> {
  const items: KubernetesObject[] = [];
  let next: string | undefined;
  for (;;) {
    const asked = withQuery(path, { limit: String(PAGE), continue: next });
    const page = await connection.ask({ method: 'GET', path: asked }, signal, LIMITS.kubernetesListBytes);
    const { objects, resourceVersion, following } = parsePage(page, `GET ${path}`);
    items.push(...objects);
    if (items.length > LIMITS.kubernetesItems) {
      throw new CountersignError(
        'LIMIT_EXCEEDED',
        `GET ${path}: more than ${LIMITS.kubernetesItems} objects`,
      );
    }
    if (following === undefined) return { items, resourceVersion };
    // A page without objects, or the same one again, would never end.
    if (objects.length === 0 || following === next) throw malformed(`GET ${path}`);
    next = following;
  }
}

function parsePage(page: JsonObject, what: string) {
  const { items, metadata } = page;
  if (!isJsonObject(metadata) || !(Array.isArray(items) || items === null)) throw malformed(what);
  const { resourceVersion, continue: following } = metadata;
  if (typeof resourceVersion !== 'string') throw malformed(what);
  if (following !== undefined && typeof following !== 'string') throw malformed(what);
  return {
    objects: (items ?? []).map((item: unknown) => asObject(item, what)),
    resourceVersion,
    following: following === '' ? undefined : following,
  };
}

function malformed(what: string): CountersignError {
  return new CountersignError('KUBERNETES_ERROR', `${what}: the answer is no list of objects`);
}
