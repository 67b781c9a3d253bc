// SPDX-License-Identifier: Apache-2.0
import type { ApiServer } from './api-server.ts';
import { demoDeployment, demoPod } from './objects.ts';
import type { DemoStage } from './stage.ts';

/** One line of the story: what happens, and the answer that must come. */
export type Scene = {
  readonly title: string;
  readonly expected: { readonly allowed: boolean; readonly code: string; readonly pinned?: boolean };
  readonly before?: (stage: DemoStage) => Promise<void>;
  readonly create: (stage: DemoStage) => Parameters<ApiServer['create']>[0];
};

const ADMITTED = { allowed: true, code: 'VERIFIED' };

/** The story, in order: later scenes build on what earlier ones left in the caches. */
export const SCENES: readonly Scene[] = [
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
  {
    title: 'registry down: a digest that is known',
    expected: ADMITTED,
    before: ({ registry }) => registry.stop(),
    create: ({ images }) => demoPod('web-2', images.signed.pinned),
  },
  {
    title: 'registry down: a digest that is not known',
    expected: { allowed: false, code: 'REGISTRY_UNREACHABLE' },
    create: ({ images }) => demoPod('unknown', images.unseen.pinned),
  },
];
