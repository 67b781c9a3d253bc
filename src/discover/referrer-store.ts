// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { digestTag, type PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import { type Descriptor, type Manifest, parseManifest } from '../registry/index.ts';
import type { Candidate } from '../verify/index.ts';
import type { StoreAnswer } from './discovery.ts';
import {
  allRead,
  readBlob,
  readSignatureLayers,
  SIMPLE_SIGNING,
  type Source,
  unreadable,
} from './legacy-signatures.ts';
import type { ReferrersSupport } from './referrers-support.ts';

const BUNDLE = 'application/vnd.dev.sigstore.bundle';
const LEGACY_ARTIFACT = 'application/vnd.dev.cosign.artifact.sig.v1+json';

/**
 * Reads the signatures that refer to the image by their `subject`: Sigstore bundles, and legacy signatures
 * that cosign stored as referrers. Each listed manifest is opened: neither the `artifactType` of a list nor a
 * filter of the server is believed (some registries report the type of the config instead).
 *
 * The referrers API is asked first, the fallback tag `sha256-<hex>` only where the repository has no API
 * (distribution specification, "Unavailable Referrers API").
 *
 * @throws CountersignError LIMIT_EXCEEDED for more referrers than {@link LIMITS}.referrers, and the registry's codes
 */
export async function readReferrerStore(
  image: PinnedImage,
  source: Source,
  support: ReferrersSupport,
): Promise<StoreAnswer> {
  const { descriptors, answered, unsupported } = await listReferrers(image, source, support);
  const listed = distinct(descriptors);
  if (listed.length > LIMITS.referrers) {
    throw new CountersignError(
      'LIMIT_EXCEEDED',
      `${listed.length} manifests refer to the image, at most ${LIMITS.referrers} are read`,
    );
  }
  const candidates = (await Promise.all(listed.map((one) => readReferrer(one, source)))).flat();
  return { candidates, answered, unsupported, complete: allRead(candidates) };
}

type Listed = {
  readonly descriptors: readonly Descriptor[];
  readonly answered: boolean;
  readonly unsupported: boolean;
};

async function listReferrers(image: PinnedImage, source: Source, support: ReferrersSupport): Promise<Listed> {
  const { registry, repository, exchange, slots } = source;
  const known = support.isKnownUnsupported(repository);
  const answer = known
    ? 'unsupported'
    : await slots(() => registry.referrers(repository, image.digest, exchange));
  if (typeof answer !== 'string') return { descriptors: answer, answered: true, unsupported: false };

  const tag = digestTag(image.digest);
  const index = await slots(() => registry.manifest(repository, { tag }, exchange));
  const unsupported = answer === 'unsupported';
  if (index === undefined) return { descriptors: [], answered: false, unsupported };
  return { descriptors: parseManifest(index).manifests, answered: true, unsupported };
}

function distinct(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((one) => [one.digest, one])).values()];
}

async function readReferrer(descriptor: Descriptor, source: Source): Promise<Candidate[]> {
  try {
    const found = await source.slots(() =>
      source.registry.manifest(source.repository, descriptor.digest, source.exchange),
    );
    if (found === undefined) {
      throw new CountersignError(
        'BLOB_NOT_FOUND',
        `the referrer ${descriptor.digest} is listed and not there`,
      );
    }
    return await readArtifact(found, source);
  } catch (error) {
    return [unreadable(descriptor.digest, 'referrer', error)];
  }
}

/** An artifact that is no signature (an SBOM, a chart) is no candidate at all. */
async function readArtifact(found: Manifest, source: Source): Promise<Candidate[]> {
  const manifest = parseManifest(found);
  const type = manifest.artifactType ?? manifest.config?.mediaType;
  const legacy = manifest.layers.filter((layer) => layer.mediaType === SIMPLE_SIGNING);
  if (legacy.length > 0 || type === LEGACY_ARTIFACT) {
    return readSignatureLayers(withinLimit(manifest.layers, found), 'referrer', found.digest, source);
  }
  const bundles = manifest.layers.filter((layer) => layer.mediaType.startsWith(BUNDLE));
  source.budget.takeCandidates(bundles.length);
  return Promise.all(
    withinLimit(bundles, found).map((layer, index) => readBundle(layer, `${found.digest}#${index}`, source)),
  );
}

function withinLimit(layers: readonly Descriptor[], found: Manifest): readonly Descriptor[] {
  if (layers.length <= LIMITS.signatureLayers) return layers;
  throw new CountersignError(
    'LIMIT_EXCEEDED',
    `the referrer ${found.digest} has ${layers.length} layers, at most ${LIMITS.signatureLayers} are read`,
  );
}

async function readBundle(layer: Descriptor, id: string, source: Source): Promise<Candidate> {
  try {
    const bytes = await readBlob(layer, LIMITS.bundleBytes, source);
    return { kind: 'bundle', id, storage: 'referrer', bytes };
  } catch (error) {
    return unreadable(id, 'referrer', error);
  }
}
