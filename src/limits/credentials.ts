// SPDX-License-Identifier: Apache-2.0

const KiB = 1024;
const MiB = 1024 * KiB;

/** The bounds of credentials for registries, and of where they come from: pull secrets, docker configs, helpers; a part of `LIMITS`. */
export const CREDENTIAL_LIMITS = {
  /** Credentials tried for one repository, one after another: a Pod with more pull secrets for it has not been seen. */
  credentialsTried: 8,
  /**
   * Pull secrets that are read for one Pod; with so many for one registry a kubelet takes minutes. Milliseconds of
   * reading one, that one is believed, and after which it is read again beside the request path. Secrets and ServiceAccounts kept, and their bytes.
   */
  pullSecrets: 16,
  pullSecretReadMs: 5_000,
  pullSecretMs: 60_000,
  pullSecretFreshMs: 20_000,
  pullSecretFacts: 2_000,
  pullSecretFactsBytes: 16 * MiB,
  /**
   * One Secret or ServiceAccount as the API server sends it, bytes of all that are read for one Pod, and how many are read at a time, half of them
   * for one namespace. Real ones have a few KiB; what a Pod holds is counted for as long as its review waits.
   */
  pullSecretBytes: 512 * KiB,
  pullSecretsBytes: 1 * MiB,
  pullSecretReads: 16,
  /** Entries of a docker config, warnings about them, and what one of either takes beside its text, in bytes: measured, rounded up. */
  credentialEntries: 256,
  credentialWarnings: 16,
  credentialBytes: 512,
  /**
   * Credential helpers (docker-credential-…): how many run at a time (half of them for one namespace), milliseconds and bytes of one (those of clouds ask a server), milliseconds until one
   * is asked again, and until one whose answer was refused is. Answers kept: one for each host and helper.
   */
  helpers: 4,
  helperMs: 10_000,
  helperBytes: 64 * KiB,
  helperAnswerMs: 240_000,
  helperRecheckMs: 10_000,
  helperAnswers: 1_000,
} as const;
