// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import {
  PolicyError,
  toSignedEntity,
  toTrustMaterial,
  VerificationError,
  type VerificationPolicy,
  Verifier,
} from '@sigstore/verify';
import type { DifferentialCase, Verdict } from './case.ts';

/**
 * What Sigstore's JavaScript verifier says, asked for the same: an entry of a log and a promise of a certificate log, and some
 * proof of the time; of a key a log entry where the bundle has one. The reason is the code of its error.
 */
export function judgeSigstoreJs({ bundle: bytes, trustedRoot, signer, artifact }: DifferentialCase): Verdict {
  try {
    const key = 'key' in signer ? createPublicKey(signer.key) : undefined;
    const material = toTrustMaterial(
      TrustedRoot.fromJSON(parse(trustedRoot)),
      key && (() => ({ publicKey: key, validFor: () => true })),
    );
    const bundle = bundleFromJSON(parse(bytes));
    const isLogged = bundle.verificationMaterial.tlogEntries.length > 0;
    const verifier = new Verifier(material, {
      tlogThreshold: key && !isLogged ? 0 : 1,
      ctlogThreshold: 1,
      timestampThreshold: key ? 0 : 1,
    });
    const content = typeof artifact === 'string' ? undefined : Buffer.from(artifact);
    verifier.verify(toSignedEntity(bundle, content), policyOf(signer));
    return { accepts: true, reason: 'accepted' };
  } catch (error) {
    return { accepts: false, reason: codeOf(error) };
  }
}

function policyOf(signer: DifferentialCase['signer']): VerificationPolicy | undefined {
  if ('key' in signer) return undefined;
  return { subjectAlternativeName: signer.identity, extensions: { issuer: signer.issuer } };
}

function codeOf(error: unknown): string {
  if (error instanceof PolicyError || error instanceof VerificationError) return error.code;
  return error instanceof Error ? error.name : 'Error';
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}
