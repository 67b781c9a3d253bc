// SPDX-License-Identifier: Apache-2.0
import { Status, type Store, type Stored } from './store.ts';

/** Where a request leads: a collection, or an object in it. */
export type Target = { readonly collection: string; readonly name: string | undefined };

/** Reads an API path as an API server does: percent-decoded segment by segment. */
export function targetOf(pathname: string): Target {
  const segments = pathname.split('/').slice(1).map(decodeURIComponent);
  const group = segments[0] === 'api' ? 2 : 3;
  const rest = segments.slice(group);
  const own = rest[0] === 'namespaces' && rest.length > 2 ? 3 : 1;
  const collection = `/${[...segments.slice(0, group), ...rest.slice(0, own)].join('/')}`;
  return { collection, name: rest[own] };
}

/** One page of a list, in the version that its first page had. */
export function listPage(store: Store, collection: string, query: URLSearchParams): object {
  const all = store.list(collection).filter((object) => isSelected(object, query));
  const [version = String(store.version), from = '0'] = query.get('continue')?.split(':') ?? [];
  if (Number(version) < store.oldest) throw new Status(410, 'Expired');
  const limit = Number(query.get('limit') ?? all.length);
  const end = Number(from) + limit;
  const following = end < all.length ? { continue: `${version}:${end}` } : {};
  return {
    kind: 'List',
    apiVersion: 'v1',
    metadata: { resourceVersion: version, ...following },
    items: all.slice(Number(from), end),
  };
}

export function isSelected({ metadata }: Stored, query: URLSearchParams): boolean {
  const name = /^metadata\.name=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  return name === undefined || name === metadata.name;
}

/** POST, PUT, PATCH or DELETE. */
export function write(
  store: Store,
  method: string,
  { collection, name }: Target,
  body: Record<string, unknown>,
  contentType: string,
): object {
  if (method === 'DELETE') return store.delete(collection, name ?? '');
  if (method === 'POST') {
    const { metadata } = body as { metadata: { name: string } };
    if (store.get(collection, metadata.name)) throw new Status(409, 'AlreadyExists');
    return store.put(collection, body);
  }
  const before = store.get(collection, name ?? '');
  if (method === 'PUT') {
    if (before === undefined) throw new Status(404, 'NotFound');
    return store.put(collection, body, versionIn(body));
  }
  const isApply = contentType.startsWith('application/apply-patch');
  if (before === undefined && !isApply) throw new Status(404, 'NotFound');
  const named = { ...before, metadata: { name: name ?? '', ...before?.metadata } };
  if (contentType.startsWith('application/json-patch')) {
    const after = patched(named, body) as Stored;
    return store.put(collection, after, after.metadata.resourceVersion);
  }
  return store.put(collection, merge(named, body) as Stored, isApply ? undefined : versionIn(body));
}

function versionIn(body: Record<string, unknown>): unknown {
  return Object(body['metadata'])['resourceVersion'];
}

/** RFC 7396; of an apply this is what there is of it: enough where no list is applied. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...Object(target) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

type Operation = { readonly op: string; readonly path: string; readonly value?: unknown };

/** RFC 6902: `test`, `add` and `replace` of members. */
function patched(object: object, body: unknown): object {
  const result = structuredClone(object);
  for (const { op, path, value } of body as readonly Operation[]) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    const parent = keys.reduce<Record<string, unknown>>((at, key) => Object(at[key]), result as never);
    if (op === 'test' && JSON.stringify(parent[last]) !== JSON.stringify(value))
      throw new Status(422, 'Invalid');
    if (op === 'add' || op === 'replace') parent[last] = value;
  }
  return result;
}
