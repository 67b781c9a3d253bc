// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../image/digest.ts';
import { type BundleOptions, bundleMediaType, COSIGN_SIGN_PREDICATE, makeBundle } from './bundle.ts';
import { describe } from './descriptor.ts';
import { publishReferrer } from './fallback-tag.ts';
import { encodeGoJson } from './go-json.ts';
import type { TestKey } from './keys.ts';
import type { TestRegistry } from './registry.ts';
import type { SignableImage } from './sign-legacy.ts';

export type SignBundleOptions = Omit<BundleOptions, 'digest' | 'message'> & {
  /** Signs for this digest, and attaches the bundle to the image all the same. */
  readonly subjectDigest?: string;
  /** A statement in a DSSE envelope, or a signature over the image's manifest. Default `dsse`. */
  readonly content?: 'dsse' | 'message-signature';
  /** The bytes stored instead of a bundle. */
  readonly bundle?: string | Uint8Array;
  /** `artifactType` of the manifest. Default: the bundle's media type of version 0.3. */
  readonly artifactType?: string;
  /** `org.opencontainers.image.created`. Default: now. */
  readonly created?: Date;
};

/** What the manifest of a bundle says besides. */
export type BundleManifestOptions = Pick<
  SignBundleOptions,
  'artifactType' | 'mediaType' | 'content' | 'predicateType' | 'created'
>;

export type BundleSignature = {
  /** Of the bundle's manifest. */
  readonly digest: Digest;
  readonly manifest: Uint8Array;
  /** The bundle itself. */
  readonly bundle: Uint8Array;
};

const EMPTY_CONFIG = Buffer.from('{}');

/** Signs an image with a Sigstore bundle, and stores it as cosign 3 does: a referrer of the image. */
export function signBundle(
  registry: TestRegistry,
  image: SignableImage,
  key: TestKey,
  options: SignBundleOptions = {},
): BundleSignature {
  const bundle =
    options.bundle === undefined ? bundleFor(registry, image, key, options) : Buffer.from(options.bundle);
  return storeBundle(registry, image, bundle, options);
}

/** Stores a bundle as cosign 3 does: a referrer of the image. */
export function storeBundle(
  registry: TestRegistry,
  image: SignableImage,
  bundle: Uint8Array,
  options: BundleManifestOptions = {},
): BundleSignature {
  const manifest = makeBundleManifest(bundle, image, options);
  registry.putBlob(image.repository, EMPTY_CONFIG);
  registry.putBlob(image.repository, bundle);
  return { digest: publishReferrer(registry, image, manifest), manifest, bundle };
}

/** The manifest of one bundle, in the key order of cosign 3.1. */
export function makeBundleManifest(
  bundle: Uint8Array,
  subject: Pick<SignableImage, 'mediaType' | 'size' | 'digest'>,
  options: BundleManifestOptions = {},
): Buffer {
  const artifactType = options.artifactType ?? bundleMediaType('0.3');
  return encodeGoJson({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { ...describe('application/vnd.oci.empty.v1+json', EMPTY_CONFIG), artifactType },
    layers: [describe(options.mediaType ?? bundleMediaType('0.3'), bundle)],
    annotations: annotationsOf(options),
    subject: { mediaType: subject.mediaType, size: subject.size, digest: subject.digest },
    artifactType,
  });
}

function annotationsOf({ content, predicateType, created = new Date() }: BundleManifestOptions) {
  const time = created.toISOString().replace(/\.\d+Z$/, 'Z');
  const kind =
    content === 'message-signature'
      ? { 'dev.sigstore.bundle.content': 'message-signature' }
      : {
          'dev.sigstore.bundle.content': 'dsse-envelope',
          'dev.sigstore.bundle.predicateType': predicateType ?? COSIGN_SIGN_PREDICATE,
        };
  return { ...kind, 'org.opencontainers.image.created': time };
}

function bundleFor(
  registry: TestRegistry,
  image: SignableImage,
  key: TestKey,
  options: SignBundleOptions,
): Buffer {
  return makeBundle(key, {
    ...options,
    digest: options.subjectDigest ?? image.digest,
    ...(options.content === 'message-signature' && { message: manifestOf(registry, image) }),
  });
}

function manifestOf(registry: TestRegistry, image: SignableImage): Uint8Array {
  return registry.manifest(image.repository, image.digest)?.bytes ?? new Uint8Array();
}
