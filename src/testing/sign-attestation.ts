// SPDX-License-Identifier: Apache-2.0
import { type BundleOptions, makeEnvelope } from './bundle.ts';
import { describe } from './descriptor.ts';
import { encodeGoJson } from './go-json.ts';
import type { TestKey } from './keys.ts';
import type { TestRegistry } from './registry.ts';
import { appendToTag, type LegacySignature, type SignableImage } from './sign-legacy.ts';

const ENVELOPE_MEDIA_TYPE = 'application/vnd.dsse.envelope.v1+json';

export type SignAttestationOptions = Omit<BundleOptions, 'digest' | 'message' | 'mediaType' | 'edit'> & {
  readonly predicateType: string;
  /** Signs for this digest, and stores it with the image all the same. */
  readonly subjectDigest?: string;
  /** The bytes stored instead of an envelope. */
  readonly envelope?: string | Uint8Array;
  /** Further annotations of the layer. */
  readonly layerAnnotations?: Readonly<Record<string, string>>;
};

/** Attests about an image in cosign's legacy format: one more layer of the manifest under `sha256-<hex>.att`. */
export function signAttestation(
  registry: TestRegistry,
  image: SignableImage,
  key: TestKey,
  options: SignAttestationOptions,
): LegacySignature {
  const { subjectDigest = image.digest, predicateType, layerAnnotations } = options;
  const payload =
    options.envelope === undefined
      ? encodeGoJson(makeEnvelope(key, { ...options, digest: subjectDigest }))
      : Buffer.from(options.envelope);
  const annotations = { 'dev.cosignproject.cosign/signature': '', ...layerAnnotations, predicateType };
  const layer = { payload, descriptor: { ...describe(ENVELOPE_MEDIA_TYPE, payload), annotations } };
  return appendToTag(registry, image, layer, 'att');
}
