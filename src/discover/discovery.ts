// SPDX-License-Identifier: Apache-2.0
import type { Code } from '../errors.ts';
import type { PinnedImage } from '../image/index.ts';
import type { Candidate, Storage } from '../verify/index.ts';

/**
 * Where the signatures of a digest are looked for: in which repository (mostly the image's own; the digest itself
 * need not be there), and with what before the names of the tags that hold them; and whether attestations are looked for, too.
 */
export type Place = PinnedImage & { readonly tagPrefix?: string; readonly attestations?: true };

/** What one store answered for one pinned image. */
export type StoreAnswer = {
  readonly candidates: readonly Candidate[];
  /** What may be an attestation, large ones among it; empty where none was looked for. Bundles are in both lists. */
  readonly attestations: readonly Candidate[];
  /** The repository answered with content, so that its other refusals are to be believed. */
  readonly answered: boolean;
  /** The registry does not serve the referrers API for this repository; never true of the tag store. */
  readonly unsupported: boolean;
  /** Everything listed could be read; only then may the answer be remembered. */
  readonly complete: boolean;
};

/** A store that could not be asked; whatever it may hold is unknown. */
export type StoreFailure = { readonly storage: Storage; readonly code: Code; readonly message: string };

/** What both stores hold of one kind. */
export type Found = {
  /** Without duplicates: one signature found in both stores is one candidate. */
  readonly candidates: readonly Candidate[];
  readonly failures: readonly StoreFailure[];
};

/** All that is known of the signatures of one pinned image, from both stores. */
export type Discovery = Found & {
  /** The same of its attestations; absent where none was looked for. */
  readonly attestations?: Found;
  /** Age of the oldest fact in it, in milliseconds: 0 when all of it was asked just now. */
  readonly ageMs: number;
};
