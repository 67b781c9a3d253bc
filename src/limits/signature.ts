// SPDX-License-Identifier: Apache-2.0

const KiB = 1024;
const MiB = 1024 * KiB;

/** The bounds of what one signature or attestation consists of. They are read as a part of `LIMITS`. */
export const SIGNATURE_LIMITS = {
  /** DSSE payload after base64: an SBOM can be some MiB, and each that verifies is read as a whole. */
  statementBytes: 8 * MiB,
  /** The same of a signature: as many subjects and digests as are allowed have some 400 KiB. */
  signatureStatementBytes: 1 * MiB,
  /** Bundle: entries, timestamps, subjects, digests per subject (the bounds of sigstore-go). */
  tlogEntries: 32,
  timestamps: 32,
  /** Hashes of an inclusion proof: a tree of 2^64 entries is 64 high. Certificates of a chain. */
  inclusionPath: 64,
  bundleCertificates: 32,
  /** The body of a log entry: a certificate of 16 KiB, twice in base64, with room to spare. */
  logBodyBytes: 64 * KiB,
  /** A log's checkpoint: characters, and signatures of witnesses and the log; those of the log that are tried, each a verification. */
  checkpointBytes: 8 * KiB,
  checkpointSignatures: 64,
  checkpointOwnSignatures: 8,
  /** One timestamp response: with the whole chain of its authority it has some 6 KiB. Certificates in it. */
  timestampBytes: 32 * KiB,
  timestampCertificates: 8,
  subjects: 1024,
  digestsPerSubject: 32,
  /** One signature after base64; RSA of 4096 bits has 512 bytes. */
  signatureBytes: 1024,
  /** A certificate beside a signature, as PEM. */
  certificateBytes: 64 * KiB,
  /** One certificate as DER: Fulcio's have some 2 KiB, a key of 4096 bits adds one. Its extensions: Fulcio's have some 30. Its names: one. */
  certificateDerBytes: 16 * KiB,
  certificateExtensions: 64,
  subjectAltNames: 64,
  /** Bytes of its subject, issuer and each claim, which patterns are held against: a large regular expression takes 50 microseconds a byte. */
  identityBytes: 2 * KiB,
  /** Signed certificate timestamps in one certificate; Fulcio's have one, browsers ask for two or three. */
  certificateTimestamps: 16,
  /**
   * Certificates below one trust root of which is remembered which authority issued them: a day's images, some 200 bytes each. Ways of
   * intermediates to a root that are kept for them: a PKI has a handful.
   */
  knownChains: 10_000,
  knownIntermediates: 64,
  /** Signatures of intermediates that are looked at for one certificate: a PKI has one to three, and each costs half a millisecond. */
  intermediateSteps: 8,
  /**
   * Outcomes kept beside one candidate, and for one demand of an image: two of each candidate and so many more. One takes some 600 bytes, and
   * the bytes of facts count two; by the signers of a large organisation a thousand junk signatures would take ten times as much.
   */
  outcomesPerCandidate: 4,
  outcomesPerImage: 32,
  /** Annotations of one signature; with `-a` people write a handful. */
  signatureAnnotations: 256,
} as const;
