// SPDX-License-Identifier: Apache-2.0
import { COSIGN_SIGN_PREDICATE, makeStatement } from '../bundle.ts';
import type { LegacyLayer } from '../legacy-signature.ts';
import type { TestRegistry } from '../registry.ts';
import { type BundleSignature, storeBundle } from '../sign-bundle.ts';
import {
  appendToTag,
  type LegacyClaims,
  type LegacySignature,
  payloadOf,
  type SignableImage,
} from '../sign-legacy.ts';
import type { TestBundleOptions } from './bundle.ts';
import type { TestSigstore } from './create.ts';
import type { TestIdentity } from './identity.ts';
import type { LegacyAttestationOptions, LegacyKeylessOptions } from './legacy.ts';

/** A bundle as a referrer of the image: a statement, or a signature over the image's manifest. */
export type KeylessBundleOptions = Omit<TestBundleOptions, 'content' | 'identity'> & {
  readonly format?: 'bundle';
  /** Default `dsse`. */
  readonly content?: 'dsse' | 'message-signature';
  /** What `cosign sign -a` adds. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Signs for this digest, and attaches the bundle to the image all the same. */
  readonly subjectDigest?: string;
};

/** A layer under the image's `.sig` tag. */
export type KeylessLegacyOptions = Omit<LegacyKeylessOptions, 'payload' | 'identity'> &
  LegacyClaims & { readonly format: 'legacy' };

/** Signs an image for the identity, and stores the signature as cosign does: 3 (`bundle`, the default), or 1 and 2 (`legacy`). */
export function signImageKeyless(
  registry: TestRegistry,
  image: SignableImage,
  sigstore: TestSigstore,
  identity: TestIdentity,
  options: KeylessBundleOptions | KeylessLegacyOptions = {},
): BundleSignature | LegacySignature {
  if (options.format === 'legacy') {
    const payload = payloadOf(registry, image, options);
    const layer = sigstore.signLegacyLayer({ ...options, payload, identity });
    return appendToTag(registry, image, layer);
  }
  const { content = 'dsse', subjectDigest = image.digest, annotations } = options;
  const statement = makeStatement({ digest: subjectDigest, ...(annotations && { annotations }) });
  const message = registry.manifest(image.repository, image.digest)?.bytes ?? new Uint8Array();
  const bundle = sigstore.signBundle({
    ...options,
    identity,
    content: content === 'dsse' ? { statement } : { message },
  });
  return storeBundle(registry, image, bundle, { content, predicateType: COSIGN_SIGN_PREDICATE });
}

type Attestation = {
  readonly predicateType: string;
  /** Default: `{}`. */
  readonly predicate?: unknown;
  /** Attests this digest, and attaches it to the image all the same. */
  readonly subjectDigest?: string;
  /** Signed instead of a statement of these. */
  readonly statement?: string | Uint8Array | object;
};

/** An attestation as a referrer of the image. */
export type BundleAttestationOptions = Omit<TestBundleOptions, 'content'> &
  Attestation & { readonly format?: 'bundle' };

/** An attestation as a layer under the image's `.att` tag. */
export type LayerAttestationOptions = Omit<LegacyAttestationOptions, 'statement' | 'predicateType'> &
  Attestation & { readonly format: 'legacy' };

/** Attests something of an image, keyless or with a key, and stores it as cosign 3 (`bundle`, the default) or 1 and 2 (`legacy`) do. */
export function attestImage(
  registry: TestRegistry,
  image: SignableImage,
  sigstore: TestSigstore,
  options: BundleAttestationOptions | LayerAttestationOptions,
): BundleSignature | LegacySignature {
  const statement = options.statement ?? makeAttestation(registry, image, options);
  if (options.format !== 'legacy') {
    const bundle = sigstore.signBundle({ ...options, content: { statement } });
    return storeBundle(registry, image, bundle, { predicateType: options.predicateType });
  }
  const layer: LegacyLayer = sigstore.signLegacyAttestation({ ...options, statement });
  return appendToTag(registry, image, layer, 'att');
}

/** The statement of cosign's `attest`: one subject, named as the repository. */
function makeAttestation(registry: TestRegistry, image: SignableImage, options: Attestation): object {
  const { predicateType, predicate = {}, subjectDigest = image.digest } = options;
  const [algorithm = '', hex = ''] = subjectDigest.split(':');
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: `${registry.host}/${image.repository}`, digest: { [algorithm]: hex } }],
    predicate,
  };
}
