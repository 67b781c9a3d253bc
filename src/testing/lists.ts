// SPDX-License-Identifier: Apache-2.0
import { isDigest } from '../image/digest.ts';
import { type Answer, answerError, answerJson } from './answer.ts';
import { type ManifestFields, parseFields } from './manifests.ts';
import type { Incoming, RouteOf } from './route.ts';
import type { Store, StoredManifest } from './store.ts';

/** How the referrers API behaves. The defaults are what distribution-spec 1.1 asks for. */
export type ReferrersBehaviour = {
  /** Descriptors per page. Default: all in one page. */
  readonly pageSize?: number;
  /** Whether `?artifactType=` filters, saying so with OCI-Filters-Applied. Default true. */
  readonly filter?: boolean;
  /**
   * What a descriptor's artifactType says. `config` repeats an error of real registries (the config's media type even where
   * the manifest has an artifactType of its own); `none` leaves it out. Default `manifest`.
   */
  readonly artifactType?: 'manifest' | 'config' | 'none';
  /** Whether descriptors carry their manifest's annotations. Default true. */
  readonly annotations?: boolean;
};

export const INDEX_MEDIA_TYPE = 'application/vnd.oci.image.index.v1+json';

/** distribution-spec 1.1, "Listing Tags": `n` and `last`, and a Link to the next page. */
export function answerTags(store: Store, { method, query, route }: Incoming<RouteOf<'tags'>>): Answer {
  if (method !== 'GET') return answerError(405, 'UNSUPPORTED', 'the operation is unsupported');
  const { repository } = route;
  if (!store.has(repository))
    return answerError(404, 'NAME_UNKNOWN', 'repository name not known to registry');
  const last = query.get('last');
  const rest = store.tags(repository).filter((tag) => last === null || tag > last);
  const size = query.has('n') ? Number(query.get('n')) : rest.length;
  const tags = rest.slice(0, size);
  const more = rest.length > tags.length && tags.length > 0;
  const next = `/v2/${repository}/tags/list?n=${size}&last=${encodeURIComponent(tags.at(-1) ?? '')}`;
  return answerJson(200, { name: repository, tags }, more ? linkTo(next) : {});
}

/** distribution-spec 1.1, "Listing Referrers"; 404 where the API is off. */
export function answerReferrers(
  store: Store,
  { method, query, route }: Incoming<RouteOf<'referrers'>>,
  behaviour: ReferrersBehaviour | false,
): Answer {
  if (!behaviour) return answerError(404, 'UNSUPPORTED', 'no referrers API');
  if (method !== 'GET') return answerError(405, 'UNSUPPORTED', 'the operation is unsupported');
  const { repository, digest } = route;
  if (!isDigest(digest)) return answerError(400, 'DIGEST_INVALID', 'not a digest');
  const wanted = behaviour.filter === false ? null : query.get('artifactType');
  const all = listReferrers(store, repository, digest, behaviour).filter(
    ({ artifactType }) => wanted === null || artifactType === wanted,
  );
  const start = Number(query.get('offset') ?? 0);
  const end = start + (behaviour.pageSize ?? all.length);
  const index = { schemaVersion: 2, mediaType: INDEX_MEDIA_TYPE, manifests: all.slice(start, end) };
  const parameters = new URLSearchParams({ offset: `${end}`, ...(wanted && { artifactType: wanted }) });
  return answerJson(200, index, {
    'content-type': INDEX_MEDIA_TYPE,
    ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    ...(end < all.length ? linkTo(`/v2/${repository}/referrers/${digest}?${parameters}`) : {}),
  });
}

function listReferrers(
  store: Store,
  repository: string,
  digest: string,
  behaviour: ReferrersBehaviour,
): ReferrerDescriptor[] {
  return store.manifests(repository).flatMap((manifest) => {
    const fields = parseFields(manifest.bytes);
    return fields?.subject === digest ? [descriptorOf(manifest, fields, behaviour)] : [];
  });
}

type ReferrerDescriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
};

function descriptorOf(
  { mediaType, digest, size }: StoredManifest,
  fields: ManifestFields,
  behaviour: ReferrersBehaviour,
): ReferrerDescriptor {
  const artifactType = artifactTypeOf(fields, behaviour.artifactType ?? 'manifest');
  const annotations = behaviour.annotations === false ? undefined : fields.annotations;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType && { artifactType }),
    ...(annotations && { annotations }),
  };
}

function artifactTypeOf(fields: ManifestFields, from: 'manifest' | 'config' | 'none'): string | undefined {
  if (from === 'none') return undefined;
  return from === 'config' ? fields.configMediaType : (fields.artifactType ?? fields.configMediaType);
}

function linkTo(path: string): Readonly<Record<string, string>> {
  return { link: `<${path}>; rel="next"` };
}
