// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '../image/digest.ts';
import { describe } from './descriptor.ts';
import { encodeGoJson, sortKeys } from './go-json.ts';
import { type SignatureOptions, signWith, type TestKey } from './keys.ts';

export const SIMPLE_SIGNING_MEDIA_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
/** `config.mediaType` of a legacy signature stored as a referrer. */
export const LEGACY_REFERRER_MEDIA_TYPE = 'application/vnd.dev.cosign.artifact.sig.v1+json';

const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';

export type LegacyPayloadOptions = {
  /** The digest signed for. */
  readonly digest: string;
  /** `critical.identity.docker-reference`: REGISTRY/REPOSITORY. */
  readonly dockerReference: string;
  /** `optional`: what `cosign sign -a` adds. Default: `null`. */
  readonly annotations?: Readonly<Record<string, string>>;
};

/** The simple-signing payload, byte for byte as cosign writes it. */
export function makeLegacyPayload({ digest, dockerReference, annotations }: LegacyPayloadOptions): Buffer {
  return encodeGoJson({
    critical: {
      identity: { 'docker-reference': dockerReference },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: annotations ? sortKeys(annotations) : null,
  });
}

/** One signature: the layer's blob, and its descriptor in the signature manifest. */
export type LegacyLayer = {
  readonly payload: Uint8Array;
  readonly descriptor: {
    readonly mediaType: string;
    readonly size: number;
    readonly digest: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
};

export type LegacyLayerOptions = SignatureOptions & {
  /** The text of the signature annotation, instead of a true signature. */
  readonly signature?: string;
  /** Further annotations of the layer. */
  readonly layerAnnotations?: Readonly<Record<string, string>>;
};

/** Signs the payload. Ed25519 keys sign prehashed unless told otherwise, as cosign does here. */
export function makeLegacyLayer(
  payload: Uint8Array,
  key: TestKey,
  options: LegacyLayerOptions = {},
): LegacyLayer {
  const signature =
    options.signature ?? signWith(key, payload, { ed25519: 'ph', ...options }).toString('base64');
  const annotations = sortKeys({ ...options.layerAnnotations, [SIGNATURE_ANNOTATION]: signature });
  return { payload, descriptor: { ...describe(SIMPLE_SIGNING_MEDIA_TYPE, payload), annotations } };
}

/** A signature manifest over the layers, with its config blob, in cosign's key order. */
export function makeLegacyManifest(
  layers: readonly LegacyLayer['descriptor'][],
  subject?: { readonly mediaType: string; readonly size: number; readonly digest: string },
): { readonly manifest: Buffer; readonly config: Buffer } {
  const config = makeConfig(layers.map(({ digest }) => digest));
  const configType = subject ? LEGACY_REFERRER_MEDIA_TYPE : 'application/vnd.oci.image.config.v1+json';
  const manifest = encodeGoJson({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: configType, size: config.length, digest: digestOf(config) },
    layers,
    ...(subject && {
      subject: { mediaType: subject.mediaType, size: subject.size, digest: subject.digest },
    }),
  });
  return { manifest, config };
}

function makeConfig(diffIds: readonly string[]): Buffer {
  const created = '0001-01-01T00:00:00Z';
  return encodeGoJson({
    architecture: '',
    created,
    history: diffIds.map(() => ({ created })),
    os: '',
    rootfs: { type: 'layers', diff_ids: diffIds },
    config: {},
  });
}
