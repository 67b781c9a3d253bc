// SPDX-License-Identifier: Apache-2.0

const KiB = 1024;
const MiB = 1024 * KiB;

/** Every bound there is. Past one the answer is a code of its own, never "nothing found". */
export const LIMITS = {
  /** An AdmissionReview: etcd takes objects up to 1.5 MiB, a review holds two and the options. */
  reviewBytes: 8 * MiB,
  /** Image strings in one object; a Pod of 250 containers is the largest seen, with room to spare. */
  imagesPerReview: 1000,
  /** Characters of an image reference: host 255, repository 255, tag 128, digest 135, separators. */
  referenceLength: 1024,

  /** A manifest or index; the distribution specification asks registries to take 4 MiB. */
  manifestBytes: 4 * MiB,
  /** Layers of a signature manifest (GHSA-88jx-383q-w4qc: cosign has the same bound). */
  signatureLayers: 1000,
  /** One simple-signing payload; real ones are under 1 KiB. */
  payloadBytes: 1 * MiB,
  /** One Sigstore bundle; a bundled SBOM attestation can be some MiB. */
  bundleBytes: 16 * MiB,
  /** Candidates of one image over both stores. */
  candidates: 1024,
  /** Bytes of all candidates of one image together. */
  candidateBytes: 64 * MiB,
  /** Descriptors over all pages of a referrers list. */
  referrers: 1024,
  /** Pages of a referrers or tags list. */
  pages: 32,
  /** Tags over all pages of a tags list. */
  tags: 100_000,
  /** Answers of a token server. */
  tokenBytes: 64 * KiB,
  /** Bodies of error answers: read only to name the registry's error code. */
  errorBodyBytes: 16 * KiB,
  /** One response header block. */
  headerBytes: 64 * KiB,
  /** Redirects of one request. */
  redirects: 5,
  /** Attempts of one request, the first included. */
  attempts: 3,
  /** Requests of one image under way at once. */
  requestsPerImage: 8,
  /** Connections to one origin. */
  connectionsPerOrigin: 32,
  /** Milliseconds until a connection must stand. */
  connectMs: 5_000,
  /** Milliseconds of one request without an answer or a byte of body. */
  idleMs: 10_000,
  /** Milliseconds of a fact-finding flight, whatever its waiters ask. */
  flightMs: 120_000,

  /** DSSE payload of a bundle after base64. */
  statementBytes: 16 * MiB,
  /** Bundle: entries, timestamps, subjects, digests per subject (the bounds of sigstore-go). */
  tlogEntries: 32,
  timestamps: 32,
  subjects: 1024,
  digestsPerSubject: 32,
  /** Sets of identities considered when thresholds nest. */
  witnessSets: 4096,

  /** A policy or Config document, a key file. */
  documentBytes: 1 * MiB,
  /** Rules, signers, keys of a signer, entries of a requirement. */
  rules: 1000,
  signers: 1000,
  keysPerSigner: 32,
  requirementEntries: 64,
  requirementDepth: 8,

  /** Tag facts, candidate facts: entries. 10,000 images must stay, with their tags. */
  tagFacts: 20_000,
  candidateFacts: 20_000,
  /** Bytes that all candidate facts together may hold. */
  candidateFactsBytes: 128 * MiB,
  /** Bytes of content-addressed blobs and manifests kept between discoveries. */
  tokens: 10_000,
} as const;
