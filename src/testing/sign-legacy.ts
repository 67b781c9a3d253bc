// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestTag } from '../image/digest.ts';
import { publishReferrer } from './fallback-tag.ts';
import type { ImageContent } from './images.ts';
import type { TestKey } from './keys.ts';
import {
  type LegacyLayer,
  type LegacyLayerOptions,
  makeLegacyLayer,
  makeLegacyManifest,
  makeLegacyPayload,
} from './legacy-signature.ts';
import type { TestRegistry } from './registry.ts';

/** What a signer must know of an image: `pushImage` returns it. */
export type SignableImage = Pick<ImageContent, 'digest' | 'mediaType' | 'size'> & {
  readonly repository: string;
};

/** What a simple-signing payload says. */
export type LegacyClaims = {
  /** What `cosign sign -a` puts into `optional`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Default: HOST/REPOSITORY of the image. */
  readonly dockerReference?: string;
  /** Signs for this digest, and stores it with the image all the same. */
  readonly payloadDigest?: string;
  /** The bytes signed, whatever they are. */
  readonly payload?: string | Uint8Array;
};

export type SignLegacyOptions = LegacyLayerOptions &
  LegacyClaims & {
    /** The `.sig` tag, where signatures add up in one manifest; or cosign's experimental referrer, one each. Default `tag`. */
    readonly storage?: 'tag' | 'referrer';
  };

export type LegacySignature = LegacyLayer & {
  /** Of the signature manifest. */
  readonly digest: Digest;
  /** `sha256-<hex>.sig` (`.att`), where it is stored by tag. */
  readonly tag?: string;
};

/** Signs an image in cosign's legacy format, and stores the signature as cosign does. */
export function signLegacy(
  registry: TestRegistry,
  image: SignableImage,
  key: TestKey,
  options: SignLegacyOptions = {},
): LegacySignature {
  const layer = makeLegacyLayer(payloadOf(registry, image, options), key, options);
  return options.storage === 'referrer'
    ? storeAsReferrer(registry, image, layer)
    : appendToTag(registry, image, layer);
}

/** The bytes that a legacy signature of the image is over. */
export function payloadOf(registry: TestRegistry, image: SignableImage, options: LegacyClaims): Uint8Array {
  if (options.payload !== undefined) return Buffer.from(options.payload);
  return makeLegacyPayload({
    digest: options.payloadDigest ?? image.digest,
    dockerReference: options.dockerReference ?? `${registry.host}/${image.repository}`,
    ...(options.annotations && { annotations: options.annotations }),
  });
}

/** Adds a layer to the manifest under a tag of the image, `sha256-<hex>.sig` or `.att`. */
export function appendToTag(
  registry: TestRegistry,
  image: SignableImage,
  layer: LegacyLayer,
  suffix: 'sig' | 'att' = 'sig',
): LegacySignature {
  const { repository } = image;
  const tag = `${digestTag(image.digest)}.${suffix}`;
  const before = registry.manifest(repository, tag);
  const layers = before ? readLayers(before.bytes) : [];
  const { manifest, config } = makeLegacyManifest([...layers, layer.descriptor]);
  registry.putBlob(repository, layer.payload);
  registry.putBlob(repository, config);
  const { digest } = registry.putManifest(repository, manifest, { tag });
  return { ...layer, digest, tag };
}

function storeAsReferrer(registry: TestRegistry, image: SignableImage, layer: LegacyLayer): LegacySignature {
  const { manifest, config } = makeLegacyManifest([layer.descriptor], image);
  registry.putBlob(image.repository, layer.payload);
  registry.putBlob(image.repository, config);
  return { ...layer, digest: publishReferrer(registry, image, manifest) };
}

function readLayers(manifest: Uint8Array): LegacyLayer['descriptor'][] {
  return (JSON.parse(Buffer.from(manifest).toString()) as { layers: LegacyLayer['descriptor'][] }).layers;
}
