// SPDX-License-Identifier: Apache-2.0
/** Who must have signed: whose certificate it is, or a key (SPKI PEM). */
export type CaseSigner = { readonly identity: string; readonly issuer: string } | { readonly key: string };

/** A bundle, what it must be about, who must have made it, and by what that is trusted. */
export type DifferentialCase = {
  readonly name: string;
  readonly bundle: Uint8Array;
  readonly trustedRoot: Uint8Array;
  readonly signer: CaseSigner;
  /** The bytes that were signed, or the digest by which a statement names them: `sha256:…`, `sha512:…`. */
  readonly artifact: Uint8Array | string;
};

/** What a verifier says of a case, and why. */
export type Verdict = { readonly accepts: boolean; readonly reason: string };
