// SPDX-License-Identifier: Apache-2.0
import { IDENTITY_SCENES, PROVENANCE_SCENES } from './keyless-scenes.ts';
import { demoDeployment, demoPod } from './objects.ts';
import type { Scene } from './scene.ts';

const ADMITTED = { allowed: true, code: 'VERIFIED' };

const KEY_SCENES: readonly Scene[] = [
  {
    title: 'a Deployment of a signed image',
    expected: ADMITTED,
    create: ({ images }) => demoDeployment('web', images.signed.reference),
  },
  {
    title: 'its Pod, pinned to the verified digest',
    expected: { ...ADMITTED, pinned: true },
    create: ({ images }) => demoPod('web-1', images.signed.reference),
  },
  {
    title: 'a Sigstore bundle instead of a .sig tag',
    expected: { ...ADMITTED, pinned: true },
    create: ({ images }) => demoPod('bundled', images.bundled.reference),
  },
  {
    title: 'an unsigned image',
    expected: { allowed: false, code: 'UNSIGNED' },
    create: ({ images }) => demoPod('unsigned', images.unsigned.reference),
  },
  {
    title: 'an image signed with another key',
    expected: { allowed: false, code: 'SIGNATURE_INVALID' },
    create: ({ images }) => demoPod('foreign', images.foreign.reference),
  },
  {
    title: 'one signer where the rule wants 2 of 3',
    expected: { allowed: false, code: 'THRESHOLD_NOT_MET' },
    create: ({ images }) => demoPod('once', images.signedOnce.reference),
  },
  {
    title: 'two signers where the rule wants 2 of 3',
    expected: { ...ADMITTED, pinned: true },
    create: ({ images }) => demoPod('twice', images.signedTwice.reference),
  },
  {
    title: 'a tag that was moved after signing',
    expected: { allowed: false, code: 'UNSIGNED' },
    create: ({ images }) => demoPod('moved', images.moved.reference),
  },
  {
    title: 'a repository that looks like an exempt one',
    expected: { allowed: false, code: 'NO_RULE' },
    create: ({ images }) => demoPod('lookalike', images.lookAlike.reference),
  },
  {
    title: 'the exempt one itself, until the date in its rule',
    expected: { allowed: true, code: 'EXEMPT' },
    create: ({ images }) => demoPod('vendor', images.exempt.reference),
  },
];

const OUTAGE_SCENES: readonly Scene[] = [
  {
    title: 'registry down: a digest that is known',
    expected: ADMITTED,
    before: ({ registry }) => registry.stop(),
    create: ({ images }) => demoPod('web-2', images.signed.pinned),
  },
  {
    title: 'registry down: build #8, its digest known',
    expected: ADMITTED,
    create: ({ keyless }) => demoPod('build-8-2', keyless.build8.pinned),
  },
  {
    title: 'registry down: a digest that is not known',
    expected: { allowed: false, code: 'REGISTRY_UNREACHABLE' },
    create: ({ images }) => demoPod('unknown', images.unseen.pinned),
  },
];

/** The story in its parts, in order: later scenes build on what earlier ones left in the caches. */
export const PARTS: readonly { readonly title: string; readonly scenes: readonly Scene[] }[] = [
  { title: 'Signed with keys', scenes: KEY_SCENES },
  {
    title: 'Signed without a key to keep: the trust root is on disk, and no service of Sigstore is asked',
    scenes: IDENTITY_SCENES,
  },
  { title: 'Built as it must be: provenance, signed by the pipeline', scenes: PROVENANCE_SCENES },
  { title: 'The registry fails', scenes: OUTAGE_SCENES },
];
