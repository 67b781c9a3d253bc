// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { malformed, parseJsonObject } from './json.ts';
import type { Manifest } from './manifest.ts';

/** One manifest that an index lists. */
export type IndexEntry = {
  readonly digest: Digest;
  /** `linux/arm64/v8`; empty where the index does not say it, or says what no platform is called. */
  readonly platform: string;
  /** The index says `unknown` of both system and architecture: no runtime takes it for its own platform. */
  readonly unknown: boolean;
};

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
/** What makes a document an image in the eyes of some reader, of any version. */
const IMAGE_MEMBERS = ['config', 'layers', 'fsLayers', 'blobs'];
/** Members that decide what a runtime reads in an index. */
const MEMBERS = [
  'schemaVersion',
  'mediaType',
  'manifests',
  'digest',
  'platform',
  'os',
  'architecture',
  'variant',
];
const PLATFORM_PART = /^[A-Za-z0-9._-]{1,32}$/;

/**
 * What an image index or a manifest list holds (OCI image specification, "Image Index"), in its order; `undefined` of a
 * manifest, which is no index. The descriptors' word of what they lead to is not believed, only what is read there.
 *
 * Attacker input, and unsigned: it must not read otherwise than container runtimes read it. These are written in Go, which
 * takes `Manifests` for `manifests`, so such a spelling is refused, and so are a member that is there twice and a document
 * that is an index and a manifest at once (CVE-2021-41190).
 *
 * @throws RESPONSE_MALFORMED, LIMIT_EXCEEDED
 */
export function parseImageIndex(manifest: Manifest): readonly IndexEntry[] | undefined {
  const where = `manifest ${manifest.digest}`;
  const body = parseJsonObject(manifest.bytes, where, { unique: true });
  refuseOtherSpellings(body, IMAGE_MEMBERS.concat(MEMBERS), where);
  if (body['schemaVersion'] !== 2) throw malformed(`${where}: schemaVersion is not 2`);
  const manifests = body['manifests'];
  if (manifests == null && !INDEX_TYPES.includes(mediaTypeOf(body, manifest))) return undefined;
  if (IMAGE_MEMBERS.some((member) => body[member] != null)) {
    throw malformed(`${where}: a manifest and an index at once`);
  }
  const list = manifests ?? [];
  if (!Array.isArray(list)) throw malformed(`${where}: manifests is not a list`);
  if (list.length > LIMITS.indexEntries) {
    const message = `${where}: manifests: ${list.length}, at most ${LIMITS.indexEntries} are read`;
    throw new CountersignError('LIMIT_EXCEEDED', message);
  }
  return list.map((one: unknown, index) => parseEntry(one, `${where}: manifests[${index}]`));
}

function mediaTypeOf(body: JsonObject, { mediaType }: Manifest): string {
  const said = body['mediaType'];
  return typeof said === 'string' ? said : mediaType;
}

function parseEntry(value: unknown, where: string): IndexEntry {
  if (!isJsonObject(value)) throw malformed(`${where}: not a descriptor`);
  refuseOtherSpellings(value, MEMBERS, where);
  const { digest, platform } = { digest: value['digest'], platform: value['platform'] ?? {} };
  if (typeof digest !== 'string' || !isDigest(digest)) throw malformed(`${where}: no valid digest`);
  if (!isJsonObject(platform)) throw malformed(`${where}: platform is not an object`);
  refuseOtherSpellings(platform, MEMBERS, where);
  const { os, architecture } = { os: platform['os'], architecture: platform['architecture'] };
  return { digest, platform: nameOf(platform), unknown: os === 'unknown' && architecture === 'unknown' };
}

function nameOf(platform: JsonObject): string {
  const parts = ['os', 'architecture', 'variant'].flatMap((name) => platform[name] || []);
  const isName = parts.every((part) => typeof part === 'string' && PLATFORM_PART.test(part));
  return isName ? parts.join('/') : '';
}

/** Go compares names of members without regard to case, by Unicode: `ſ` is an s, the Kelvin sign a k. */
function refuseOtherSpellings(object: JsonObject, members: readonly string[], where: string): void {
  const folded = new Set(members.map(fold));
  const other = Object.keys(object).find((name) => !members.includes(name) && folded.has(fold(name)));
  if (other !== undefined) throw malformed(`${where}: another spelling of the member ${fold(other)}`);
}

function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
