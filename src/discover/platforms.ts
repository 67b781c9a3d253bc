// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import type { Digest, PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import { type IndexEntry, parseImageIndex } from '../registry/index.ts';
import { fetchManifest, type Source } from './source.ts';

/** An image that an index holds; `platform` is empty where the index does not name one. */
type PlatformImage = { readonly digest: Digest; readonly platform: string };

/** What a digest holds: `undefined` of a single manifest, else every image below the index, each once. */
export type Platforms = { readonly children: readonly PlatformImage[] | undefined };

/**
 * Finds the images below an index, those of indexes inside it counted in. What the index marks `unknown/unknown` is left
 * out: attestations lie there, and no runtime takes it for its own platform. Each of the others is read, since what a
 * descriptor says of it (a manifest, an index) may be a lie.
 *
 * @throws CountersignError IMAGE_NOT_FOUND, BLOB_NOT_FOUND for a child that is not there, LIMIT_EXCEEDED past
 *   {@link LIMITS}.platforms and indexDepth, and the registry's codes
 */
export async function readPlatforms(image: PinnedImage, source: Source): Promise<Platforms> {
  const top = await readIndex(image.digest, source);
  if (top === 'absent') {
    throw new CountersignError('IMAGE_NOT_FOUND', `${image.registry} has no manifest ${image.digest}`);
  }
  if (top === undefined) return { children: undefined };

  const seen = new Set<Digest>([image.digest]);
  const children: PlatformImage[] = [];
  let level = top;
  for (let depth = 1; level.length > 0; depth += 1) {
    const found = await readLevel(level, seen, source);
    children.push(...found.images);
    level = found.entries;
    if (level.length > 0 && depth === LIMITS.indexDepth) {
      throw exceeded(`indexes inside each other, more than ${LIMITS.indexDepth}`);
    }
  }
  return { children };
}

type Level = { readonly images: readonly PlatformImage[]; readonly entries: readonly IndexEntry[] };

/** The images among the entries, and what the indexes among them list. */
async function readLevel(entries: readonly IndexEntry[], seen: Set<Digest>, source: Source): Promise<Level> {
  const fresh = entries.filter((entry) => !entry.unknown && isNew(entry.digest, seen));
  // The index itself is among them.
  if (seen.size > LIMITS.platforms + 1) {
    throw exceeded(`more than ${LIMITS.platforms} manifests below one index`);
  }
  const read = await Promise.all(
    fresh.map(async ({ digest, platform }) => ({ digest, platform, inner: await readChild(digest, source) })),
  );
  return {
    images: read.flatMap(({ digest, platform, inner }) =>
      inner === undefined ? [{ digest, platform }] : [],
    ),
    entries: read.flatMap(({ inner }) => inner ?? []),
  };
}

function isNew(digest: Digest, seen: Set<Digest>): boolean {
  const before = seen.size;
  return seen.add(digest).size > before;
}

async function readChild(digest: Digest, source: Source): Promise<readonly IndexEntry[] | undefined> {
  const found = await readIndex(digest, source);
  if (found !== 'absent') return found;
  throw new CountersignError(
    'BLOB_NOT_FOUND',
    `the index lists ${digest}, and the registry does not have it`,
  );
}

async function readIndex(
  digest: Digest,
  source: Source,
): Promise<readonly IndexEntry[] | undefined | 'absent'> {
  const manifest = await fetchManifest(digest, LIMITS.manifestBytes, source);
  return manifest === undefined ? 'absent' : parseImageIndex(manifest);
}

function exceeded(what: string): CountersignError {
  return new CountersignError('LIMIT_EXCEEDED', what);
}
