// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { type Digest, digestOf, isDigest } from '../image/digest.ts';
import { type Answer, answerBytes, answerEmpty, answerError } from './answer.ts';
import type { Incoming, RouteOf } from './route.ts';
import type { Store } from './store.ts';

/** Uploads under way: id → the chunks so far. */
export type Uploads = Map<string, { readonly repository: string; readonly bytes: Buffer }>;

/** distribution-spec 1.1, "Pulling blobs", "Deleting Blobs". Ranges are not served. */
export function answerBlob(store: Store, { method, route }: Incoming<RouteOf<'blob'>>): Answer {
  const { repository, digest } = route;
  const unknown = () => answerError(404, 'BLOB_UNKNOWN', `blob unknown: ${digest}`);
  if (method === 'DELETE') return store.deleteBlob(repository, digest) ? answerEmpty(202) : unknown();
  if (method !== 'GET' && method !== 'HEAD') {
    return answerError(405, 'UNSUPPORTED', 'the operation is unsupported');
  }
  const bytes = store.blob(repository, digest);
  if (!bytes) return unknown();
  return answerBytes(200, bytes, {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
  });
}

/** distribution-spec 1.1, "Pushing blobs": POST then PUT, POST with the digest, chunks, and mounts. */
export function answerUpload(store: Store, uploads: Uploads, call: Incoming<RouteOf<'upload'>>): Answer {
  const { method, route } = call;
  if (method === 'POST' && route.upload === '') return begin(store, uploads, call);
  const upload = uploads.get(route.upload);
  if (!upload || upload.repository !== route.repository) {
    return answerError(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown');
  }
  switch (method) {
    case 'GET':
      return answerEmpty(204, progress(call, upload.bytes.length));
    case 'PATCH':
      return append(uploads, call, upload.bytes);
    case 'PUT':
      uploads.delete(route.upload);
      return finish(store, call, Buffer.concat([upload.bytes, call.body]));
    case 'DELETE':
      uploads.delete(route.upload);
      return answerEmpty(204);
    default:
      return answerError(405, 'UNSUPPORTED', 'the operation is unsupported');
  }
}

function begin(store: Store, uploads: Uploads, call: Incoming<RouteOf<'upload'>>): Answer {
  const { query, route } = call;
  if (query.has('digest')) return finish(store, call, call.body);
  const mount = query.get('mount');
  const mounted = mount && isDigest(mount) && store.blob(query.get('from') ?? '', mount);
  if (mounted) return created(store, route.repository, mounted, mount);
  const upload = randomUUID();
  uploads.set(upload, { repository: route.repository, bytes: Buffer.alloc(0) });
  return answerEmpty(202, progress({ ...call, route: { ...route, upload } }, 0));
}

function append(uploads: Uploads, call: Incoming<RouteOf<'upload'>>, sofar: Buffer): Answer {
  // "Pushing a blob in chunks": chunks come in order; Content-Range is `<start>-<end>`, both inclusive.
  const start = /^(?:bytes )?(\d+)-\d+/.exec(call.headers['content-range'] ?? '')?.[1];
  if (start !== undefined && Number(start) !== sofar.length) {
    return answerError(416, 'BLOB_UPLOAD_INVALID', 'chunk out of order', progress(call, sofar.length));
  }
  const bytes = Buffer.concat([sofar, call.body]);
  uploads.set(call.route.upload, { repository: call.route.repository, bytes });
  return answerEmpty(202, progress(call, bytes.length));
}

function finish(store: Store, { query, route }: Incoming<RouteOf<'upload'>>, bytes: Uint8Array): Answer {
  const digest = query.get('digest') ?? '';
  if (!isDigest(digest) || digestOf(bytes, digest.startsWith('sha512:') ? 'sha512' : 'sha256') !== digest) {
    return answerError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }
  return created(store, route.repository, bytes, digest);
}

function created(store: Store, repository: string, bytes: Uint8Array, digest: Digest): Answer {
  store.putBlob(repository, bytes, digest);
  return answerEmpty(201, {
    location: `/v2/${repository}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}

function progress({ route }: Incoming<RouteOf<'upload'>>, size: number): Readonly<Record<string, string>> {
  return {
    location: `/v2/${route.repository}/blobs/uploads/${route.upload}`,
    'docker-upload-uuid': route.upload,
    range: `0-${Math.max(0, size - 1)}`,
  };
}
