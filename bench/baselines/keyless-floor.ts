// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, verify, X509Certificate } from 'node:crypto';

/** What was signed, by whom. */
export type SignedBytes = {
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: KeyObject;
};

/** One certificate, what its own key signed, and what logs signed with P-256 keys that are there already. */
export type FloorMaterial = {
  readonly certificate: Uint8Array;
  readonly own: Omit<SignedBytes, 'key'>;
  readonly logs: readonly SignedBytes[];
};

/**
 * Nothing but OpenSSL: read the certificate, verify it with the P-384 key of its issuer, then the P-256 signatures of
 * the certificate log, the promise, the checkpoint, and of the certificate itself.
 */
export function bareKeyless({ certificate, own, logs }: FloorMaterial, issuer: KeyObject): boolean {
  const leaf = new X509Certificate(certificate);
  if (!leaf.verify(issuer)) return false;
  if (!verify('sha256', own.content, leaf.publicKey, own.signature)) return false;
  return logs.every(({ content, signature, key }) => verify('sha256', content, key, signature));
}
