// SPDX-License-Identifier: Apache-2.0
import type { Code } from '../errors.ts';

/** Where a candidate was found: under a `.sig` or `.att` tag, or as a referrer (the API or its fallback tag). */
export type Storage = 'tag' | 'referrer';

/**
 * One signature that was found for a pinned image, as fetched and unread: whoever may push to the
 * registry wrote every byte and annotation of it.
 *
 * - `simple-signing`: a legacy Cosign layer; `annotations` are the layer's, the signature among them
 * - `envelope`: a legacy Cosign layer that is an attestation: a DSSE envelope, as JSON; `annotations` as above
 * - `bundle`: a Sigstore bundle, as JSON
 * - `unreadable`: listed by the registry, but not to be had; `code` says why
 *
 * A candidate is a fact and never changes, so what is read out of it is kept beside it.
 */
export type Candidate =
  | Layer<'simple-signing'>
  | Layer<'envelope'>
  | { readonly kind: 'bundle'; readonly id: string; readonly storage: Storage; readonly bytes: Uint8Array }
  | {
      readonly kind: 'unreadable';
      readonly id: string;
      readonly storage: Storage;
      readonly code: Code;
      readonly message: string;
    };

type Layer<Kind> = {
  readonly kind: Kind;
  readonly id: string;
  readonly storage: Storage;
  readonly payload: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
};

/** A candidate of one kind. */
export type CandidateOf<Kind extends Candidate['kind']> = Extract<Candidate, { kind: Kind }>;
