// SPDX-License-Identifier: Apache-2.0
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { TestKey } from '../../src/testing/index.ts';

/** How many of each the other implementation demands. */
export type OracleDemands = {
  readonly logs?: number;
  readonly certificateLogs?: number;
  readonly timestamps?: number;
  /** The artifact of a message signature. */
  readonly artifact?: Uint8Array;
  /** The key of the policy, for bundles without a certificate. */
  readonly key?: TestKey;
};

/** Sigstore's own JavaScript verifier, as a second opinion: throws where it rejects, else gives whose the bundle is. */
export function verifyWithSigstoreJs(
  trustedRoot: Uint8Array,
  bundle: Uint8Array,
  demands: OracleDemands = {},
) {
  const { logs = 1, certificateLogs = 1, timestamps = 1, artifact, key } = demands;
  const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
  const material = toTrustMaterial(
    TrustedRoot.fromJSON(parse(trustedRoot)),
    key && (() => ({ publicKey: key.publicKey, validFor: () => true })),
  );
  const verifier = new Verifier(material, {
    tlogThreshold: logs,
    ctlogThreshold: certificateLogs,
    timestampThreshold: timestamps,
  });
  const entity = toSignedEntity(bundleFromJSON(parse(bundle)), artifact && Buffer.from(artifact));
  return verifier.verify(entity);
}
