// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import type { DigestName } from '../digest-name.ts';

/** Who verifies the signature: the certificate, or the key of the policy. */
export type Verifier =
  | { readonly kind: 'certificate'; readonly der: Uint8Array; readonly key: KeyObject }
  | { readonly kind: 'key'; readonly spki: Uint8Array; readonly key: KeyObject };

/**
 * All that a log entry must be about: each of it is compared.
 *
 * - `message`: bytes, or the digest of an artifact, were signed; `digest` is `undefined` for a digest that is not known
 * - `envelope`: a DSSE envelope; `envelope` is its JSON where it is at hand as it was uploaded (legacy attestations only)
 */
export type LoggedContent = { readonly signature: Uint8Array; readonly verifier: Verifier } & (
  | { readonly kind: 'message'; readonly digest: (name: DigestName) => Uint8Array | undefined }
  | {
      readonly kind: 'envelope';
      readonly payloadType: string;
      readonly payload: Uint8Array;
      /** Of the pre-authentication encoding. */
      readonly digest: (name: DigestName) => Uint8Array;
      readonly envelope?: Uint8Array;
    }
);
