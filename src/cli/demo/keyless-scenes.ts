// SPDX-License-Identifier: Apache-2.0
import { demoDeployment, demoPod } from './objects.ts';
import type { Scene } from './scene.ts';

const ADMITTED = { allowed: true, code: 'VERIFIED', pinned: true };
const MISMATCH = { allowed: false, code: 'IDENTITY_MISMATCH' };

/** Who built it? Every signature of the first two is true; what differs is whose it is. */
export const IDENTITY_SCENES: readonly Scene[] = [
  {
    title: 'build #7, signed by a person (kim@acme.example)',
    expected: MISMATCH,
    create: ({ keyless }) => demoPod('build-7', keyless.build7.reference),
  },
  {
    title: 'build #8, signed by the pipeline',
    expected: ADMITTED,
    create: ({ keyless }) => demoPod('build-8', keyless.build8.reference),
  },
  {
    title: 'the same in a .sig tag, logged in Rekor v1',
    expected: { allowed: true, code: 'VERIFIED' },
    create: ({ keyless }) => demoDeployment('build-9', keyless.legacyBuild.reference),
  },
  {
    title: 'the same workflow, run for a pull request',
    expected: MISMATCH,
    create: ({ keyless }) => demoPod('pull-request', keyless.pullRequest.reference),
  },
  {
    title: 'the same workflow in a fork',
    expected: MISMATCH,
    create: ({ keyless }) => demoPod('fork', keyless.fork.reference),
  },
  {
    title: 'the pipeline, called by another repository',
    expected: MISMATCH,
    create: ({ keyless }) => demoPod('borrowed', keyless.borrowed.reference),
  },
  {
    title: "the pipeline's name, by another authority",
    expected: { allowed: false, code: 'CERTIFICATE_UNTRUSTED' },
    create: ({ keyless }) => demoPod('other-authority', keyless.otherAuthority.reference),
  },
  {
    title: 'signed by the pipeline, and in no log',
    expected: { allowed: false, code: 'LOG_ENTRY_MISSING' },
    create: ({ keyless }) => demoPod('unlogged', keyless.unlogged.reference),
  },
];

/** How was it built? The rule wants a signature, and provenance that says: from main. */
export const PROVENANCE_SCENES: readonly Scene[] = [
  {
    title: 'signed, without provenance',
    expected: { allowed: false, code: 'ATTESTATION_MISSING' },
    create: ({ keyless }) => demoPod('unproven', keyless.unproven.reference),
  },
  {
    title: 'signed, and built from another branch',
    expected: { allowed: false, code: 'ATTESTATION_REJECTED' },
    create: ({ keyless }) => demoPod('from-branch', keyless.fromBranch.reference),
  },
  {
    title: 'provenance alone: an attestation is no signature',
    expected: { allowed: false, code: 'NOT_A_SIGNATURE' },
    create: ({ keyless }) => demoPod('attested-only', keyless.attestedOnly.reference),
  },
  {
    title: 'signed, and built from main',
    expected: ADMITTED,
    create: ({ keyless }) => demoPod('proven', keyless.proven.reference),
  },
];
