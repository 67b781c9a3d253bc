// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf, isDigest } from '../image/digest.ts';
import { LIMITS } from '../limits.ts';
import { type Answer, answerBytes, answerEmpty, answerError } from './answer.ts';
import { type Incoming, isTag, type RouteOf } from './route.ts';
import type { Store } from './store.ts';

type Call = Incoming<RouteOf<'manifest'>>;

/** distribution-spec 1.1, "Pulling manifests", "Pushing Manifests", "Deleting Manifests", "Deleting tags". */
export function answerManifest(store: Store, call: Call, settings: { readonly referrers: boolean }): Answer {
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      return pull(store, call);
    case 'PUT':
      return push(store, call, settings.referrers);
    case 'DELETE':
      return remove(store, call);
    default:
      return answerError(405, 'UNSUPPORTED', 'the operation is unsupported');
  }
}

function pull(store: Store, { route }: Call): Answer {
  const manifest = store.manifest(route.repository, route.reference);
  if (!manifest) return unknown(route.reference);
  return answerBytes(200, manifest.bytes, {
    'content-type': manifest.mediaType,
    'docker-content-digest': manifest.digest,
  });
}

function push(store: Store, { route, body, headers }: Call, referrers: boolean): Answer {
  if (body.length > LIMITS.manifestBytes) return answerError(413, 'SIZE_INVALID', 'manifest too large');
  const fields = parseFields(body);
  if (!fields) return answerError(400, 'MANIFEST_INVALID', 'manifest is not a JSON object');
  const digest = pushedDigest(route.reference, body);
  if (!digest)
    return answerError(400, 'DIGEST_INVALID', 'reference is no tag and not the digest of the content');
  const mediaType = headers['content-type'] ?? fields.mediaType;
  if (!mediaType) return answerError(400, 'MANIFEST_INVALID', 'no media type');
  store.putManifest(route.repository, body, mediaType, digest);
  if (digest !== route.reference) store.tag(route.repository, route.reference, digest);
  return answerEmpty(201, {
    location: `/v2/${route.repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(referrers && fields.subject ? { 'oci-subject': fields.subject } : {}),
  });
}

function remove(store: Store, { route }: Call): Answer {
  const { repository, reference } = route;
  const gone = isDigest(reference)
    ? store.deleteManifest(repository, reference)
    : store.deleteTag(repository, reference);
  return gone ? answerEmpty(202) : unknown(reference);
}

function unknown(reference: string): Answer {
  return answerError(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`);
}

function pushedDigest(reference: string, body: Uint8Array): Digest | undefined {
  if (isTag(reference)) return digestOf(body);
  if (!isDigest(reference)) return undefined;
  const digest = digestOf(body, reference.startsWith('sha512:') ? 'sha512' : 'sha256');
  return digest === reference ? digest : undefined;
}

/** What the registry itself reads of a manifest. Members of another type count as absent. */
export type ManifestFields = {
  readonly mediaType: string | undefined;
  readonly artifactType: string | undefined;
  readonly configMediaType: string | undefined;
  readonly subject: string | undefined;
  readonly annotations: Readonly<Record<string, unknown>> | undefined;
};

/** `undefined` where the bytes are not a JSON object. */
export function parseFields(bytes: Uint8Array): ManifestFields | undefined {
  const manifest = parseObject(bytes);
  if (!manifest) return undefined;
  const { mediaType, artifactType, config, subject, annotations } = manifest;
  return {
    mediaType: textOf(mediaType),
    artifactType: textOf(artifactType),
    configMediaType: textOf(objectOf(config)?.['mediaType']),
    subject: textOf(objectOf(subject)?.['digest']),
    annotations: objectOf(annotations),
  };
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    // Not JSON: the caller answers MANIFEST_INVALID, or leaves the manifest out of a list.
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
