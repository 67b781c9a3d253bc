// SPDX-License-Identifier: Apache-2.0

const MiB = 1024 * 1024;

/** The bounds of trust roots and of the TUF repositories that they come from; a part of `LIMITS`. */
export const TRUST_LIMITS = {
  /** Trust roots of an installation: each is a world of its own, and few have two. */
  trustRoots: 32,
  /** Authorities or logs of one kind in one; Sigstore has two of each after five years. */
  trustRootEntries: 256,
  /**
   * A TUF repository: one document, of metadata or a trust root (those of Sigstore have some 10 KiB), all of one refresh with up to
   * this many new roots, and milliseconds of all of it. What is kept of it on disk, as text.
   */
  tufDocumentBytes: 1 * MiB,
  tufRootRotations: 256,
  tufRefreshMs: 60_000,
  tufKeptBytes: 8 * MiB,
  /** Milliseconds until a refresh that failed is tried again at first, doubled each time, and at most. */
  tufRetryMs: 60_000,
  tufLongestRetryMs: 3_600_000,
} as const;
