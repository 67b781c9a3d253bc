// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from '../certificate/x509.ts';
import type { Signed } from './key-signature.ts';
import type { LogEntry } from './sigstore/log-entry.ts';
import type { LoggedContent } from './sigstore/logged-content.ts';

/** What log entries must be about, whoever verifies the signature. Each kind of content by itself: of the union, `Omit` would keep only what all have. */
export type Logged = LoggedContent extends infer One
  ? One extends unknown
    ? Omit<One, 'verifier'>
    : never
  : never;

/** A certificate beside a signature, and those that came with it: none of them is believed. */
export type CertificatesBeside = { readonly leaf: Certificate; readonly others: readonly Certificate[] };

/**
 * A signature with all that came beside it, whichever format it came in. What a key does not need is read when it is
 * asked for, so that junk beside a signature by a key costs nothing and spoils nothing.
 *
 * Each function throws a VerificationError for what cannot be read.
 */
export type Material = {
  readonly signature: Uint8Array;
  readonly signed: Signed;
  readonly logged: Logged;
  /** The byte strings that a timestamp may be over. */
  readonly stamped: readonly Uint8Array[];
  readonly certificates: () => CertificatesBeside | undefined;
  readonly logEntries: () => readonly LogEntry[];
  /** TimeStampResp, DER. */
  readonly timestamps: () => readonly Uint8Array[];
};
