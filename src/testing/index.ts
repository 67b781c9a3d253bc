// SPDX-License-Identifier: Apache-2.0

// A whole registry and a signer in memory: for our tests, the demo, and other people's tests.
export type { TestAuth, TestUser } from './auth.ts';
export {
  type BundleJson,
  type BundleOptions,
  bundleMediaType,
  COSIGN_SIGN_PREDICATE,
  encodePae,
  makeBundle,
  makeStatement,
} from './bundle.ts';
export {
  createTestCa,
  createTestCertificate,
  type TestCa,
  type TestCertificate,
  type TestCertificateOptions,
} from './certificate.ts';
export { makeFallbackIndex } from './fallback-tag.ts';
export type { Fault, FaultEffect, FaultMatch, OrderedFault } from './fault.ts';
export { type ImageContent, type ImageFormat, makeImage, makeIndex } from './images.ts';
export {
  createTestKey,
  type SignatureOptions,
  signWith,
  TEST_KEY_KINDS,
  type TestKey,
  type TestKeyKind,
} from './keys.ts';
export {
  LEGACY_REFERRER_MEDIA_TYPE,
  type LegacyLayer,
  type LegacyLayerOptions,
  type LegacyPayloadOptions,
  makeLegacyLayer,
  makeLegacyManifest,
  makeLegacyPayload,
  SIMPLE_SIGNING_MEDIA_TYPE,
} from './legacy-signature.ts';
export type { TestTls } from './listener.ts';
export type { ReferrersBehaviour } from './lists.ts';
export { type PushOptions, pushImageTo, putBlobTo, putManifestTo } from './push-client.ts';
export {
  startTestRegistry,
  type TestImage,
  type TestRegistry,
  type TestRegistryOptions,
} from './registry.ts';
export type { LoggedRequest } from './request-log.ts';
export type { TestRequestKind } from './route.ts';
export { type SignAttestationOptions, signAttestation } from './sign-attestation.ts';
export {
  type BundleSignature,
  makeBundleManifest,
  type SignBundleOptions,
  signBundle,
} from './sign-bundle.ts';
export {
  type LegacySignature,
  type SignableImage,
  type SignLegacyOptions,
  signLegacy,
} from './sign-legacy.ts';
export type { TestBundleOptions } from './sigstore/bundle.ts';
export type { CheckpointOptions } from './sigstore/checkpoint.ts';
export type { TestContent } from './sigstore/content.ts';
export { createTestSigstore, type TestSigstore } from './sigstore/create.ts';
export {
  type DefectScope,
  defectsFor,
  SIGSTORE_DEFECTS,
  type SigstoreDefect,
} from './sigstore/defects.ts';
export type { EntryKind } from './sigstore/entry-body.ts';
export { githubIdentity, type TestIdentity } from './sigstore/identity.ts';
export type { LeafOptions, TestLeaf } from './sigstore/leaf.ts';
export type { KeylessLayer, LegacyAttestationOptions, LegacyKeylessOptions } from './sigstore/legacy.ts';
export {
  attestImage,
  type BundleAttestationOptions,
  type KeylessBundleOptions,
  type KeylessLegacyOptions,
  type LayerAttestationOptions,
  signImageKeyless,
} from './sigstore/sign-image.ts';
export type { KeylessOptions } from './sigstore/sign-options.ts';
export type { TestTimestampAuthority, TimestampOptions } from './sigstore/timestamp-authority.ts';
export type { AppendOptions, TestLog, TestLogEntry } from './sigstore/transparency-log.ts';
export type { TestPems, TestWindow, TrustedRootJson, TrustedRootOptions } from './sigstore/trusted-root.ts';
export type { TestSigstoreOptions } from './sigstore/world.ts';
export type { StoredManifest } from './store.ts';
