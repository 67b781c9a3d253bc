// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { LIMITS } from '../limits.ts';
import {
  type Descriptor,
  parseAnnotations,
  parseDescriptor,
  parseDescriptors,
  parseMediaType,
} from './descriptor.ts';
import { malformed, parseJsonObject } from './json.ts';

/** A manifest or index as the registry sent it; the digest is computed, not believed. */
export type Manifest = {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  /** What the Content-Type header said. */
  readonly mediaType: string;
};

/** What a manifest (`config`, `layers`) or an index (`manifests`) says. */
export type ParsedManifest = {
  readonly mediaType: string;
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
};

/** What is asked for in the Accept header of manifests. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/**
 * What a manifest or index says (OCI image specification, "Image Manifest", "Image Index").
 *
 * Attacker input: bytes with the right digest may still be anything. A document that is a manifest and an
 * index at once is refused, since two readers would see two images in it (CVE-2021-41190).
 *
 * @throws RESPONSE_MALFORMED, LIMIT_EXCEEDED
 */
export function parseManifest(manifest: Manifest): ParsedManifest {
  const where = `manifest ${manifest.digest}`;
  const body = parseJsonObject(manifest.bytes, where);
  if (body['schemaVersion'] !== 2) throw malformed(`${where}: schemaVersion is not 2`);
  if (body['manifests'] != null && (body['layers'] != null || body['config'] != null)) {
    throw malformed(`${where}: a manifest and an index at once`);
  }
  refuseMoreThan(body['layers'], LIMITS.signatureLayers, `${where}: layers`);
  refuseMoreThan(body['manifests'], LIMITS.referrers, `${where}: manifests`);
  const artifactType = parseMediaType(body, 'artifactType', where);
  return {
    mediaType: parseMediaType(body, 'mediaType', where) ?? manifest.mediaType,
    ...(body['config'] == null ? {} : { config: parseDescriptor(body['config'], `${where}: config`) }),
    layers: parseDescriptors(body, 'layers', where),
    manifests: parseDescriptors(body, 'manifests', where),
    ...(body['subject'] == null ? {} : { subject: parseDescriptor(body['subject'], `${where}: subject`) }),
    ...(artifactType === undefined ? {} : { artifactType }),
    annotations: parseAnnotations(body, where),
  };
}

function refuseMoreThan(list: unknown, most: number, what: string): void {
  if (!Array.isArray(list) || list.length <= most) return;
  throw new CountersignError('LIMIT_EXCEEDED', `${what}: ${list.length}, at most ${most} are read`);
}
