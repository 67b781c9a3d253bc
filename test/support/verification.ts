// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, type KeyObject } from 'node:crypto';
import type { Code } from '../../src/errors.ts';
import { type Digest, digestOf } from '../../src/image/digest.ts';
import { type PinnedImage, pinImage } from '../../src/image/pinned-image.ts';
import { parseImageReference } from '../../src/image/reference.ts';
import type { HashName, KeySigner, Signer, VerificationKey } from '../../src/policy/index.ts';
import {
  type BundleOptions,
  createTestKey,
  type LegacyLayerOptions,
  makeBundle,
  makeLegacyLayer,
  makeLegacyPayload,
  type TestKey,
  type TestKeyKind,
} from '../../src/testing/index.ts';
import {
  type Candidate,
  type Evidence,
  type SignatureOutcome,
  verifyCandidate,
} from '../../src/verify/index.ts';
import { keySigner } from './key-signer.ts';

/** 2026-06-15T12:00:00Z, the time of every verification that asks for no other. */
export const NOW = Date.UTC(2026, 5, 15, 12);

/** A manifest and its digest: what is signed in these tests. */
export const MANIFEST = Buffer.from('{"schemaVersion":2}');
export const IMAGE = imageAt('registry.example/acme/web', digestOf(MANIFEST));

/** The image of the repository that has this digest. */
export function imageAt(repository: string, digest: Digest): PinnedImage {
  return pinImage(parseImageReference(repository), digest);
}

const keys = new Map<string, TestKey>();

/** A key of the kind, the same one each time: RSA keys take long to make. */
export function sharedKey(kind: TestKeyKind = 'ecdsa-p256', name = ''): TestKey {
  const found = keys.get(kind + name) ?? createTestKey(kind);
  keys.set(kind + name, found);
  return found;
}

type KeyOptions = { hash?: HashName; notBefore?: number; notAfter?: number };

/** What a policy would say of the key. */
export function trusted(key: TestKey | KeyObject, options: KeyOptions = {}): VerificationKey {
  const publicKey = 'publicKey' in key ? key.publicKey : key;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const fingerprint = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
  return { key: publicKey, fingerprint, source: 'cosign.pub', ...options };
}

/** A signer with these keys. */
export function signerOf(
  trustedKeys: readonly VerificationKey[],
  options: { annotations?: Record<string, string>; signedIdentity?: 'repository' } = {},
): KeySigner {
  return keySigner('release-key', trustedKeys, options);
}

type LegacyOptions = LegacyLayerOptions & {
  payload?: Uint8Array;
  digest?: string;
  dockerReference?: string;
  annotations?: Record<string, string>;
};

/** A legacy signature of {@link IMAGE} by the key, as discovery would hand it over. */
export function legacyCandidate(
  key: TestKey,
  options: LegacyOptions = {},
): Candidate & { kind: 'simple-signing' } {
  const { digest = IMAGE.digest, dockerReference = 'registry.example/acme/web', annotations } = options;
  const payload =
    options.payload ?? makeLegacyPayload({ digest, dockerReference, ...(annotations && { annotations }) });
  const { descriptor } = makeLegacyLayer(payload, key, options);
  return layerCandidate(payload, descriptor.annotations);
}

/** A layer with any payload and annotations. */
export function layerCandidate(
  payload: Uint8Array,
  annotations: Readonly<Record<string, string>>,
): Candidate & { kind: 'simple-signing' } {
  return { kind: 'simple-signing', id: 'sha256-12.sig#0', storage: 'tag', payload, annotations };
}

/** A bundle over {@link IMAGE} by the key. */
export function bundleCandidate(
  key: TestKey,
  options: Partial<BundleOptions> = {},
): Candidate & { kind: 'bundle' } {
  return bundleOf(makeBundle(key, { digest: IMAGE.digest, ...options }));
}

/** A bundle of any bytes. */
export function bundleOf(bytes: Uint8Array | string): Candidate & { kind: 'bundle' } {
  return { kind: 'bundle', id: 'sha256:34', storage: 'referrer', bytes: Buffer.from(bytes) };
}

/** The evidence of a candidate that must be verified. */
export function expectVerified(candidate: Candidate, signer: Signer, image = IMAGE, now = NOW): Evidence {
  const outcome = verifyCandidate(candidate, signer, image, now);
  assert.equal(outcome.code, 'VERIFIED', outcome.message);
  assert.equal(outcome.status, 'verified');
  assert.ok(outcome.evidence, 'evidence');
  return outcome.evidence;
}

/** The outcome of a candidate that must fail with the code, without evidence. */
export function expectCode(
  code: Code,
  candidate: Candidate,
  signer: Signer,
  image = IMAGE,
  now = NOW,
): SignatureOutcome {
  const outcome = verifyCandidate(candidate, signer, image, now);
  assert.equal(outcome.code, code, outcome.message);
  assert.notEqual(outcome.status, 'verified');
  assert.equal(outcome.evidence, undefined);
  return outcome;
}
