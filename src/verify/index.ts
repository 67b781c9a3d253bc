// SPDX-License-Identifier: Apache-2.0

/** Verification: one candidate, one signer, one pinned image, one time; pure, without clock or network. */
export { type Artifact, artifactOfContent, artifactOfDigest } from './artifact.ts';
export type { Candidate, Storage } from './candidate.ts';
export { LAYER_ANNOTATIONS } from './cosign/layer-material.ts';
export { outcomeHolds } from './key-window.ts';
export type { Evidence, SignatureOutcome } from './outcome.ts';
export { type ReadBundle, readBundle } from './sigstore/bundle-material.ts';
export { SIGNATURE_PREDICATE } from './sigstore/statement.ts';
export { verifyReadBundle } from './sigstore/verify-bundle.ts';
export {
  NO_TRUST_ROOTS,
  type TrustedAuthority,
  type TrustedLog,
  type TrustRoot,
  type TrustRoots,
  type ValidityWindow,
} from './trust-root.ts';
export { nextExpiry } from './trust-root-expiry.ts';
export { trustRootOfFiles } from './trust-root-files.ts';
export { parseTrustRoot } from './trust-root-json.ts';
export {
  type AttestationStatement,
  attestationType,
  readAttestation,
  type VerifiedAttestation,
  verifyAttestation,
} from './verify-attestation.ts';
export { verifyCandidate } from './verify-candidate.ts';
