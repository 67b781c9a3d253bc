// SPDX-License-Identifier: Apache-2.0
import { signToBundle, type TestBundleOptions } from './bundle.ts';
import type { TestIdentity } from './identity.ts';
import { issueLeaf, type LeafOptions, type TestLeaf } from './leaf.ts';
import {
  type KeylessLayer,
  type LegacyAttestationOptions,
  type LegacyKeylessOptions,
  signAttestationLayer,
  signSignatureLayer,
} from './legacy.ts';
import { makePems, makeTrustedRoot, type TestPems, type TrustedRootOptions } from './trusted-root.ts';
import { createWorld, type TestSigstoreOptions, type World } from './world.ts';

/** A whole Sigstore in memory: certificate authority, certificate logs, Rekor v1 and v2, timestamp authority. */
export type TestSigstore = World & {
  /** The trusted_root.json by which all of it is trusted. */
  trustedRoot(options?: TrustedRootOptions): Buffer;
  /** The same as PEM texts. */
  pems(): TestPems;
  /** A certificate as Fulcio issues them, and its key. */
  issue(identity: TestIdentity, options?: LeafOptions): TestLeaf;
  /** A Sigstore bundle, JSON bytes. */
  signBundle(options: TestBundleOptions): Buffer;
  /** A layer of a `.sig` manifest: a simple-signing payload with certificate, chain, log entry and timestamp as annotations. */
  signLegacyLayer(options: LegacyKeylessOptions): KeylessLayer;
  /** A layer of an `.att` manifest: a DSSE envelope with the same annotations. */
  signLegacyAttestation(options: LegacyAttestationOptions): KeylessLayer;
};

/**
 * Makes a Sigstore in memory, with new keys for everything: no network, no files, and no clock but the one given.
 *
 * @example
 * const sigstore = createTestSigstore();
 * const identity = githubIdentity('acme/web');
 * const bundle = sigstore.signBundle({ identity, content: { statement: { … } } });
 * const forged = sigstore.signBundle({ identity, content: { statement: { … } }, defects: ['foreignCa'] });
 */
export function createTestSigstore(options: TestSigstoreOptions = {}): TestSigstore {
  const world = createWorld(options);
  return {
    ...world,
    trustedRoot: (order) => makeTrustedRoot(world, order),
    pems: () => makePems(world),
    issue: (identity, order) => issueLeaf(world, identity, order),
    signBundle: (order) => signToBundle(world, order),
    signLegacyLayer: (order) => signSignatureLayer(world, order),
    signLegacyAttestation: (order) => signAttestationLayer(world, order),
  };
}
