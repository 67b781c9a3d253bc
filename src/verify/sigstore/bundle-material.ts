// SPDX-License-Identifier: Apache-2.0
import { parseCertificate } from '../../certificate/x509.ts';
import type { Artifact } from '../artifact.ts';
import type { CertificatesBeside, Material } from '../material.ts';
import { rememberLatest } from '../parse-once.ts';
import { type Bundle, parseBundle } from './bundle.ts';
import { bindClaim, type Claim, loggedClaim, parseClaim } from './claim.ts';
import { toLogEntry } from './log/bundle-log-entry.ts';

/** A bundle, read, and what its signature claims. */
export type ReadBundle = { readonly bundle: Bundle; readonly claim: Claim };

/**
 * Reads a bundle and the claim in it.
 *
 * @throws VerificationError BUNDLE_MALFORMED, BUNDLE_VERSION_UNSUPPORTED, SIGNATURE_MALFORMED, PAYLOAD_MALFORMED,
 *   NOT_A_SIGNATURE, LIMIT_EXCEEDED
 */
export function readBundle(bytes: Uint8Array): ReadBundle {
  const bundle = parseBundle(bytes);
  return { bundle, claim: parseClaim(bundle.content) };
}

/**
 * The signature of a bundle about an artifact, with all that is beside it. The same object for the same two, asked for
 * one after the other, so that what one signer's verification found out serves the next.
 *
 * @throws VerificationError PAYLOAD_DIGEST_MISMATCH, ALGORITHM_UNSUPPORTED: it is not about the artifact
 */
export const bundleMaterial = rememberLatest(
  ({ bundle, claim }: ReadBundle, artifact: Artifact): Material => {
    const { signature } = claim.content;
    return {
      signature,
      signed: bindClaim(claim, artifact),
      logged: loggedClaim(claim, artifact),
      stamped: [signature],
      certificates: () => certificatesIn(bundle),
      logEntries: () => bundle.logEntries.map(toLogEntry),
      timestamps: () => bundle.timestamps,
    };
  },
);

function certificatesIn({ certificates: [leaf, ...others] }: Bundle): CertificatesBeside | undefined {
  if (leaf === undefined) return undefined;
  return { leaf: parseCertificate(leaf), others: others.map(parseCertificate) };
}
