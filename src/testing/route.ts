// SPDX-License-Identifier: Apache-2.0
import type { IncomingHttpHeaders } from 'node:http';

/** What a request asks of the registry, as far as its path tells. */
export type Route =
  | { readonly kind: 'ping' | 'token' | 'other' }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly upload: string }
  | { readonly kind: 'tags'; readonly repository: string };

/** The kinds that the request log and faults know. */
export type TestRequestKind = Route['kind'];

/** One request, wholly read. */
export type Incoming<R extends Route = Route> = {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly route: R;
};

export type RouteOf<K extends TestRequestKind> = Extract<Route, { readonly kind: K }>;

type Row = { readonly pattern: RegExp; readonly make: (repository: string, last: string) => Route };

// The rows are tried in order: an upload's path would also read as a blob's.
const ROWS: readonly Row[] = [
  {
    pattern: /^\/v2\/(.+)\/blobs\/uploads\/?([^/]*)$/,
    make: (repository, upload) => ({ kind: 'upload', repository, upload }),
  },
  {
    pattern: /^\/v2\/(.+)\/blobs\/([^/]+)$/,
    make: (repository, digest) => ({ kind: 'blob', repository, digest }),
  },
  {
    pattern: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    make: (repository, reference) => ({ kind: 'manifest', repository, reference }),
  },
  {
    pattern: /^\/v2\/(.+)\/referrers\/([^/]+)$/,
    make: (repository, digest) => ({ kind: 'referrers', repository, digest }),
  },
  { pattern: /^\/v2\/(.+)\/tags\/(list)$/, make: (repository) => ({ kind: 'tags', repository }) },
];

/** Reads the path (no query) of a request. */
export function parseRoute(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'ping' };
  if (path === '/token') return { kind: 'token' };
  for (const { pattern, make } of ROWS) {
    const parts = pattern.exec(path);
    if (parts) return make(decode(parts[1] ?? ''), decode(parts[2] ?? ''));
  }
  return { kind: 'other' };
}

// distribution-spec 1.1, "Pulling manifests": the grammar of <name>.
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

export function isRepositoryName(name: string): boolean {
  return name.length <= 255 && NAME.test(name);
}

export function isTag(text: string): boolean {
  return /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: no such repository, tag or digest exists, and the handler will say so.
    return text;
  }
}
