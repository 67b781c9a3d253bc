// SPDX-License-Identifier: Apache-2.0
import {
  createTestKey,
  createTestSigstore,
  githubIdentity,
  makeLegacyPayload,
  makeStatement,
  type TestBundleOptions,
  type TestSigstore,
} from '../../src/testing/index.ts';
import { artifactOfDigest } from '../../src/verify/index.ts';
import { type Accepted, acceptedBundle, acceptedLayer } from './accepted-vectors.ts';
import { IMAGE, NOW } from './verification.ts';

/** Signed material of which there are no vectors, made anew for each run. */
export function madeVectors(): readonly Accepted[] {
  const sigstore = createTestSigstore({ now: NOW - 3_600_000, timestampAuthorities: 2 });
  const identity = githubIdentity('acme/web');
  // Of an ECDSA key the id is the same in both versions of Rekor, so that its log may have entries of either.
  const sameIds = createTestSigstore({ now: NOW - 3_600_000, rekorV2Key: 'ecdsa-p256' });
  const root = sigstore.trustedRoot();
  const about = artifactOfDigest(IMAGE.digest);
  const content = { statement: makeStatement({ digest: IMAGE.digest }) };
  const key = createTestKey('ecdsa-p384');
  const bundle = (name: string, options: TestBundleOptions, world: TestSigstore = sigstore) =>
    acceptedBundle(
      name,
      world.signBundle(options).toString(),
      about,
      world.trustedRoot(),
      options.identity ? '' : key.publicKeyPem,
    );
  const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
  const layer = sigstore.signLegacyLayer({ identity, payload, timestamps: 1 });
  return [
    bundle('made: Rekor v2, two timestamps, a witness', {
      identity,
      content,
      timestamps: 2,
      checkpoint: { witnesses: 1, extra: ['x'] },
    }),
    bundle('made: a key, in Rekor v2', { key, content, log: 'v2', timestamps: 1 }),
    bundle('made: a key, in Rekor v1', { key, content, log: 'v1' }),
    bundle(
      'made: a key, in Rekor v2 as an intoto of v1',
      { key, content, log: 'v2', entry: 'intoto 0.0.2' },
      sameIds,
    ),
    bundle('made: both logs', { identity, content, log: 'v1', alsoLog: ['v2'], timestamps: 1 }),
    acceptedLayer(
      'made: a legacy signature',
      'simple-signing',
      { payload: layer.payload, annotations: layer.descriptor.annotations },
      IMAGE.digest,
      root,
    ),
  ];
}
