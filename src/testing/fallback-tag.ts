// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestTag } from '../image/digest.ts';
import { encodeGoJson } from './go-json.ts';
import { INDEX_MEDIA_TYPE } from './lists.ts';
import { parseFields } from './manifests.ts';
import type { TestRegistry } from './registry.ts';

type Descriptor = {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
  readonly artifactType?: string;
};

/**
 * Pushes a manifest that has the image as its subject. Where the registry has no referrers API, the index under the fallback
 * tag is kept too (distribution-spec 1.1, "Referrers Tag Schema"), as go-containerregistry up to 0.21 keeps it.
 */
export function publishReferrer(
  registry: TestRegistry,
  image: { readonly repository: string; readonly digest: Digest },
  manifest: Uint8Array,
): Digest {
  const { digest, mediaType, size } = registry.putManifest(image.repository, manifest);
  if (registry.hasReferrers) return digest;
  const tag = digestTag(image.digest);
  const before = registry.manifest(image.repository, tag);
  const listed = before ? readIndex(before.bytes) : [];
  const fields = parseFields(manifest);
  const artifactType = fields?.artifactType ?? fields?.configMediaType;
  const added = { mediaType, size, digest, ...(artifactType && { artifactType }) };
  registry.putManifest(image.repository, makeFallbackIndex([...listed, added]), { tag });
  return digest;
}

/** The index of the fallback tag: sorted by digest, descriptors without annotations. */
export function makeFallbackIndex(descriptors: readonly Descriptor[]): Buffer {
  const manifests = new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor]));
  const sorted = [...manifests.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  return encodeGoJson({ schemaVersion: 2, mediaType: INDEX_MEDIA_TYPE, manifests: sorted });
}

function readIndex(index: Uint8Array): Descriptor[] {
  return (JSON.parse(Buffer.from(index).toString()) as { manifests: Descriptor[] }).manifests;
}
