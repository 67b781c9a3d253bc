// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { type Digest, digestTag, type PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Descriptor, ParsedManifest } from '../registry/index.ts';
import { type Candidate, SIGNATURE_PREDICATE } from '../verify/index.ts';
import type { Place, StoreAnswer } from './discovery.ts';
import { readLayers, SIMPLE_SIGNING } from './layers.ts';
import type { ReferrersSupport } from './referrers-support.ts';
import { readBlob, readManifest, type Source } from './source.ts';
import { allRead, unreadable } from './unreadable.ts';

const BUNDLE = 'application/vnd.dev.sigstore.bundle';
/** Cosign's annotation of a bundle's manifest: what the statement in it is about. */
const PREDICATE_TYPE = 'dev.sigstore.bundle.predicateType';
const LEGACY_ARTIFACT = 'application/vnd.dev.cosign.artifact.sig.v1+json';

/**
 * Reads the signatures that refer to the image by their `subject`: Sigstore bundles, and legacy signatures
 * that cosign stored as referrers; and where the place says so, bundles that are attestations, however large. Each listed
 * manifest is opened: neither the `artifactType` of a list nor a filter of the server is believed (some registries
 * report the type of the config instead).
 *
 * The referrers API is asked first, the fallback tag `sha256-<hex>` only where the repository has no API
 * (distribution specification, "Unavailable Referrers API").
 *
 * @throws CountersignError LIMIT_EXCEEDED for more referrers than {@link LIMITS}.referrers, and the registry's codes
 */
export async function readReferrerStore(
  place: Place,
  source: Source,
  support: ReferrersSupport,
): Promise<StoreAnswer> {
  const { descriptors, answered, unsupported } = await listReferrers(place, source, support);
  const listed = distinct(descriptors);
  if (listed.length > LIMITS.referrers) {
    throw new CountersignError(
      'LIMIT_EXCEEDED',
      `${listed.length} manifests refer to the image, at most ${LIMITS.referrers} are read`,
    );
  }
  const wanted = place.attestations === true;
  const read = await Promise.all(listed.map((one) => readReferrer(one, wanted, source)));
  const candidates = read.flatMap((one) => one.candidates);
  const attestations = wanted ? read.flatMap((one) => one.attestations) : [];
  const complete = allRead(candidates) && allRead(attestations);
  return { candidates, attestations, answered, unsupported, complete };
}

type Referrer = Pick<Descriptor, 'digest' | 'size'>;

type Listed = {
  readonly descriptors: readonly Descriptor[];
  readonly answered: boolean;
  readonly unsupported: boolean;
};

async function listReferrers(image: PinnedImage, source: Source, support: ReferrersSupport): Promise<Listed> {
  const { registry, repository, exchange, slots, budget } = source;
  const known = support.isKnownUnsupported(repository, exchange);
  const answer = known
    ? 'unsupported'
    : await slots(() => registry.referrers(repository, image.digest, exchange, { take: budget.takeJson }));
  if (typeof answer !== 'string') return { descriptors: answer, answered: true, unsupported: false };

  const index = await readManifest({ tag: digestTag(image.digest) }, LIMITS.manifestBytes, source);
  const unsupported = answer === 'unsupported';
  if (index === undefined) return { descriptors: [], answered: false, unsupported };
  return { descriptors: index.manifests, answered: true, unsupported };
}

/** What a list says beside digest and size is not believed, and let go. */
function distinct(descriptors: readonly Descriptor[]): Referrer[] {
  return [...new Map(descriptors.map(({ digest, size }) => [digest, { digest, size }])).values()];
}

/** What one referrer holds: of each bundle it is not known yet which of the two it is. */
type Held = Pick<StoreAnswer, 'candidates' | 'attestations'>;

async function readReferrer(referrer: Referrer, wanted: boolean, source: Source): Promise<Held> {
  const { digest } = referrer;
  try {
    const manifest = await readListed(referrer, source);
    return await readArtifact(manifest, digest, wanted, source);
  } catch (error) {
    return either([unreadable(digest, 'referrer', error)]);
  }
}

function either(candidates: readonly Candidate[]): Held {
  return { candidates, attestations: candidates };
}

async function readListed({ digest, size }: Referrer, source: Source): Promise<ParsedManifest> {
  if (size > LIMITS.referrerManifestBytes) {
    throw new CountersignError(
      'LIMIT_EXCEEDED',
      `the referrer ${digest} has ${size} bytes, at most ${LIMITS.referrerManifestBytes} are read`,
    );
  }
  const manifest = await readManifest(digest, LIMITS.referrerManifestBytes, source);
  if (manifest !== undefined) return manifest;
  throw new CountersignError('BLOB_NOT_FOUND', `the referrer ${digest} is listed and not there`);
}

/** An artifact that is no signature (an SBOM, a chart) is no candidate at all. */
async function readArtifact(
  manifest: ParsedManifest,
  name: Digest,
  wanted: boolean,
  source: Source,
): Promise<Held> {
  const type = manifest.artifactType ?? manifest.config?.mediaType;
  const legacy = manifest.layers.filter((layer) => layer.mediaType === SIMPLE_SIGNING);
  if (legacy.length > 0 || type === LEGACY_ARTIFACT) {
    const layers = withinLimit(manifest.layers, name);
    const candidates = await readLayers(layers, 'simple-signing', 'referrer', name, source);
    return { candidates, attestations: [] };
  }
  const bundles = manifest.layers.filter((layer) => layer.mediaType.startsWith(BUNDLE));
  source.budget.takeCandidates(bundles.length);
  const held = await Promise.all(
    withinLimit(bundles, name).map(async (layer, index): Promise<Held> => {
      const id = `${name}#${index}`;
      if (!isLargeAttestation(layer, manifest)) return either([await readBundle(layer, id, source)]);
      const attestations = wanted ? [await readBundle(layer, id, source)] : [];
      return { candidates: [noSignature(id)], attestations };
    }),
  );
  return {
    candidates: held.flatMap((one) => one.candidates),
    attestations: held.flatMap((one) => one.attestations),
  };
}

/**
 * Whether a bundle says of itself that it is an attestation, and is too large for a signature anyway. So where no
 * attestation is wanted, a bundled SBOM of some MiB is not read to learn that. The word of the annotation can only take away.
 */
function isLargeAttestation(layer: Descriptor, { annotations }: ParsedManifest): boolean {
  if (layer.size <= LIMITS.signatureBundleBytes) return false;
  const type = annotations[PREDICATE_TYPE];
  return type !== undefined && type !== SIGNATURE_PREDICATE;
}

function noSignature(id: string): Candidate {
  const message = 'an attestation, which never counts as a signature';
  return { kind: 'unreadable', id, storage: 'referrer', code: 'NOT_A_SIGNATURE', message };
}

function withinLimit(layers: readonly Descriptor[], name: Digest): readonly Descriptor[] {
  if (layers.length <= LIMITS.signatureLayers) return layers;
  throw new CountersignError(
    'LIMIT_EXCEEDED',
    `the referrer ${name} has ${layers.length} layers, at most ${LIMITS.signatureLayers} are read`,
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
