// SPDX-License-Identifier: Apache-2.0

const MiB = 1024 * 1024;

/** The bounds of what people write: policies, the Config, conditions; a part of `LIMITS`. */
export const POLICY_LIMITS = {
  /** A policy or Config document, a key file. */
  documentBytes: 1 * MiB,
  /** Rules, signers, keys of a signer, entries of a requirement. */
  rules: 1000,
  signers: 1000,
  keysPerSigner: 32,
  requirementEntries: 64,
  requirementDepth: 8,
  /** Characters of an issuer, a subject or a claim in a policy, patterns among them; the longest workflow seen has some 200. */
  identityPatternLength: 1024,
  /** A regular expression: characters, and steps of its program (some one a character; counted repeats multiply them). */
  regexpLength: 1024,
  regexpSteps: 2000,
  /** Attestations that one rule demands; characters of a `where`; of a predicate type, which messages repeat. */
  attestationsPerRule: 16,
  whereLength: 4096,
  predicateTypeLength: 512,
  /** Milliseconds of one `where`, during which nothing else runs: what is asked of a large SBOM takes some 50. */
  whereMs: 250,
  /** Characters, or bytes, that a `where` may put together: twice what a statement has. */
  whereTextLength: 16 * 1024 * 1024,
  /** Of what a `where` looked at that was not true: fields that a denial tells, and characters of all of them. */
  whereFoundFields: 6,
  whereFoundLength: 1000,
  /** Milliseconds for finding out which part of a `where` was not true. */
  whereFoundMs: 50,
  /** Sets of identities considered when thresholds nest. */
  witnessSets: 4096,
} as const;
