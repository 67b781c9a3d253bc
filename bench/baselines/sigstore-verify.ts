// SPDX-License-Identifier: Apache-2.0
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

/** Sigstore's own JavaScript verifier: its trust root is read once, each bundle from its bytes. */
export function sigstoreVerify(trustedRoot: Uint8Array, identity: { subject: string; issuer: string }) {
  const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(parse(trustedRoot))));
  const policy = { subjectAlternativeName: identity.subject, extensions: { issuer: identity.issuer } };
  return (bundle: Uint8Array): void => {
    verifier.verify(toSignedEntity(bundleFromJSON(parse(bundle))), policy);
  };
}
