// SPDX-License-Identifier: Apache-2.0
import {
  attestImage,
  githubIdentity,
  signImageKeyless,
  type TestIdentity,
  type TestImage,
  type TestRegistry,
  type TestSigstore,
} from '../../testing/index.ts';

/** Images that are signed without a key of anybody's own. */
export type KeylessImages = Readonly<
  Record<
    | 'build7'
    | 'build8'
    | 'legacyBuild'
    | 'pullRequest'
    | 'fork'
    | 'borrowed'
    | 'otherAuthority'
    | 'unlogged'
    | 'unproven'
    | 'fromBranch'
    | 'attestedOnly'
    | 'proven',
    TestImage
  >
>;

/** The workflow that the policy wants, as `--certificate-…` of the command wants it. */
export const WANTED = {
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'https://github.com/acme/shop/.github/workflows/release.yaml@refs/heads/main',
};

const PIPELINE = githubIdentity('acme/shop');
const PERSON: TestIdentity = { issuer: 'https://accounts.google.com', subject: 'kim@acme.example' };
/** What runs for a pull request is a workflow of the same repository, file and name. */
const PULL_REQUEST = githubIdentity('acme/shop', { ref: 'refs/pull/12/merge' });
const FORK = githubIdentity('mallory/shop');
/** A reusable workflow: the subject is the workflow's, whoever calls it. */
const BORROWED: TestIdentity = {
  ...PIPELINE,
  claims: {
    ...PIPELINE.claims,
    sourceRepositoryURI: 'https://github.com/mallory/miner',
    sourceRepositoryOwnerURI: 'https://github.com/mallory',
  },
};
const PROVENANCE = 'https://slsa.dev/provenance/v1';

/** Pushes and signs them all; every signature is made by the Sigstore of the demo, and true unless its name says otherwise. */
export function pushKeylessImages(registry: TestRegistry, sigstore: TestSigstore): KeylessImages {
  const push = (repository: string, tag: string) => registry.pushImage(repository, { tag });
  const images = {
    build7: push('shop/checkout', 'build-7'),
    build8: push('shop/checkout', 'build-8'),
    legacyBuild: push('shop/checkout', 'build-9'),
    pullRequest: push('shop/checkout', 'pr-12'),
    fork: push('shop/checkout', 'fork'),
    borrowed: push('shop/checkout', 'borrowed'),
    otherAuthority: push('shop/checkout', 'other-authority'),
    unlogged: push('shop/checkout', 'unlogged'),
    unproven: push('proven/checkout', 'unproven'),
    fromBranch: push('proven/checkout', 'from-branch'),
    attestedOnly: push('proven/checkout', 'attested-only'),
    proven: push('proven/checkout', 'build-8'),
  };
  const sign = (image: TestImage, identity: TestIdentity, more = {}) =>
    signImageKeyless(registry, image, sigstore, identity, more);
  const attest = (image: TestImage, ref: string) =>
    attestImage(registry, image, sigstore, {
      identity: PIPELINE,
      predicateType: PROVENANCE,
      predicate: { buildDefinition: { externalParameters: { workflow: { ref } } } },
    });
  sign(images.build7, PERSON);
  sign(images.build8, PIPELINE);
  sign(images.legacyBuild, PIPELINE, { format: 'legacy', log: 'v1' });
  sign(images.pullRequest, PULL_REQUEST);
  sign(images.fork, FORK);
  sign(images.borrowed, BORROWED);
  sign(images.otherAuthority, PIPELINE, { defects: ['foreignCa'] });
  sign(images.unlogged, PIPELINE, { defects: ['noEntry'] });
  for (const image of [images.unproven, images.fromBranch, images.proven]) sign(image, PIPELINE);
  attest(images.fromBranch, 'refs/heads/try');
  attest(images.attestedOnly, 'refs/heads/main');
  attest(images.proven, 'refs/heads/main');
  return images;
}
