// SPDX-License-Identifier: Apache-2.0
import type { Discovery } from '../discover/index.ts';
import type { PinnedImage } from '../image/index.ts';

/** An image to verify, and what is known of its signatures. */
export type Part = {
  readonly image: PinnedImage;
  /** Of an image below an index; empty where the index does not name it. */
  readonly platform?: string;
  readonly discovery: Discovery;
};

/**
 * What is known for one rule: the image itself; of an index of which every image must be verified, these (perhaps
 * none); or why it cannot be said which.
 */
export type Known =
  | { readonly kind: 'image'; readonly parts: readonly [Part] }
  | { readonly kind: 'index'; readonly parts: readonly Part[] }
  | { readonly kind: 'unknown'; readonly parts: readonly []; readonly error: unknown };
