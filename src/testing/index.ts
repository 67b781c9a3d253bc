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
export type { StoredManifest } from './store.ts';
