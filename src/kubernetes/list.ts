// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { withQuery } from './api-path.ts';
import type { Connection } from './connection.ts';
import { GONE, StatusError } from './failure.ts';
import { asObject, type KubernetesObject } from './object.ts';

/** A collection at one version. The items of a list have no `kind` of their own. */
export type Listed = { readonly items: readonly KubernetesObject[]; readonly resourceVersion: string };

/** Objects asked for at a time. Where they are so large that a page is over its limits, a tenth of it is asked for, down to one. */
const PAGE = 100;

/** What is kept of an object. */
export type Keep = (object: KubernetesObject) => KubernetesObject;

/**
 * The whole collection, of each object what `keep` keeps. Where its next page has expired on the server in the meantime,
 * the list starts anew, once.
 *
 * @throws CountersignError LIMIT_EXCEEDED past `kubernetesItems`, and what a request throws
 */
export async function listAll(
  connection: Connection,
  path: string,
  signal: AbortSignal,
  keep: Keep = (object) => object,
): Promise<Listed> {
  const list = () => listOnce(pagesOf(connection, path, signal), `GET ${path}`, keep);
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof StatusError) || error.status !== GONE) throw error;
    return list();
  }
}

/** Gives the page that follows. */
type NextPage = (next: string | undefined) => Promise<JsonObject>;

function pagesOf(connection: Connection, path: string, signal: AbortSignal): NextPage {
  let limit = PAGE;
  return async function page(next): Promise<JsonObject> {
    const asked = withQuery(path, { limit: String(limit), continue: next });
    try {
      return await connection.ask({ method: 'GET', path: asked }, signal, LIMITS.kubernetesListBytes);
    } catch (error) {
      if (limit === 1 || !(error instanceof CountersignError && error.code === 'LIMIT_EXCEEDED')) throw error;
      limit = Math.ceil(limit / 10);
      return page(next);
    }
  };
}

async function listOnce(pageAfter: NextPage, what: string, keep: Keep): Promise<Listed> {
  const items: KubernetesObject[] = [];
  let next: string | undefined;
  for (;;) {
    const { objects, resourceVersion, following } = parsePage(await pageAfter(next), what);
    items.push(...objects.map(keep));
    if (items.length > LIMITS.kubernetesItems) {
      throw new CountersignError('LIMIT_EXCEEDED', `${what}: more than ${LIMITS.kubernetesItems} objects`);
    }
    if (following === undefined) return { items, resourceVersion };
    // A page without objects, or the same one again, would never end.
    if (objects.length === 0 || following === next) throw malformed(what);
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
