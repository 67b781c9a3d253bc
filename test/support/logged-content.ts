// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { createAuthority } from '../../src/certificate/authority.ts';
import { encodePem } from '../../src/certificate/der.ts';
import type { DigestName } from '../../src/verify/digest-name.ts';
import type { LoggedContent, Verifier } from '../../src/verify/sigstore/logged-content.ts';
import { envelopeContent, messageContent, verifierOf } from './logged-bundles.ts';
import { newKey } from './test-log.ts';

export const byCertificate = () =>
  verifierOf(new X509Certificate(createAuthority('x', 1_700_000_000_000, 60_000).certificate).raw);
export const byKey = (...kind: Parameters<typeof newKey>) => verifierOf(newKey(...kind).publicKey);

const ARTIFACT = Buffer.from('artifact');
const SIGNATURE = Buffer.from('signature');
export const ENVELOPE = {
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from('{"_type":"x"}'),
  signature: SIGNATURE,
};

export type Message = Extract<LoggedContent, { kind: 'message' }>;
export type Envelope = Extract<LoggedContent, { kind: 'envelope' }>;

/** Nothing of it is really signed: whether the signature holds is not asked of the log. */
export const aMessage = (verifier: Verifier) => messageContent(ARTIFACT, SIGNATURE, verifier) as Message;
export const anEnvelope = (verifier: Verifier, json?: Uint8Array) =>
  envelopeContent(ENVELOPE, verifier, json) as Envelope;

export const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');

/** Base64 of the PEM of who verifies, as the bodies of Rekor v1 have it. */
export function pemOf(verifier: Verifier, tail = ''): string {
  const pem =
    verifier.kind === 'certificate'
      ? encodePem('CERTIFICATE', verifier.der)
      : encodePem('PUBLIC KEY', verifier.spki);
  return base64(pem + tail);
}

/** The spec of `hashedrekord` 0.0.1. */
export const recordOf = ({ signature, verifier, digest }: Message, algorithm: DigestName = 'sha256') => ({
  data: { hash: { algorithm, value: Buffer.from(digest(algorithm) ?? []).toString('hex') } },
  signature: { content: base64(signature), format: 'x509', publicKey: { content: pemOf(verifier) } },
});

const HASHES = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' } as const;

/** The body as Rekor v2 makes it; its names stand in the order of RFC 8785. */
export function bodyV2Of(
  { signature, verifier, digest }: LoggedContent,
  keyDetails: string,
  name: DigestName,
): string {
  const who =
    verifier.kind === 'certificate'
      ? { x509Certificate: { rawBytes: base64(verifier.der) } }
      : { publicKey: { rawBytes: base64(verifier.spki) } };
  const hashedRekordV002 = {
    data: { algorithm: HASHES[name], digest: base64(digest(name) ?? '') },
    signature: { content: base64(signature), verifier: { keyDetails, ...who } },
  };
  return JSON.stringify({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } });
}
