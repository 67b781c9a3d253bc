// SPDX-License-Identifier: Apache-2.0
import { hash, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseJson } from '../../src/verify/json.ts';
import { bundleMessage } from '../../src/verify/sigstore/bundle-schema.ts';
import { preAuthenticationEncoding } from '../../src/verify/sigstore/dsse.ts';
import { toLogEntry } from '../../src/verify/sigstore/log/bundle-log-entry.ts';
import type { LogEntry } from '../../src/verify/sigstore/log-entry.ts';
import type { LoggedContent, Verifier } from '../../src/verify/sigstore/logged-content.ts';
import type { TrustedLog } from '../../src/verify/trust-root.ts';
import { parseTrustRoot } from '../../src/verify/trust-root-json.ts';

/** The transparency logs of a trusted_root.json. */
export function readTrustedLogs(path: string): readonly TrustedLog[] {
  return parseTrustRoot('test', readFileSync(path)).logs;
}

/** The one who verifies, as log entries name it. */
export function verifierOf(certified: Uint8Array | KeyObject): Verifier {
  if (certified instanceof Uint8Array) {
    return { kind: 'certificate', der: certified, key: new X509Certificate(certified).publicKey };
  }
  return { kind: 'key', spki: certified.export({ type: 'spki', format: 'der' }), key: certified };
}

/** The content that is signed by a message signature. */
export function messageContent(bytes: Uint8Array, signature: Uint8Array, verifier: Verifier): LoggedContent {
  return { kind: 'message', signature, verifier, digest: (name) => hash(name, bytes, 'buffer') };
}

/** The content that a DSSE envelope is. */
export function envelopeContent(
  envelope: { payloadType: string; payload: Uint8Array; signature: Uint8Array },
  verifier: Verifier,
  json?: Uint8Array,
): LoggedContent {
  const encoding = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
  const digest = (name: string) => hash(name, encoding, 'buffer');
  return { kind: 'envelope', verifier, digest, ...envelope, ...(json && { envelope: json }) };
}

/**
 * The log entries of a bundle, and what they must be about. Without the artifact that a message signature is for, the
 * bundle's own word for its digest is taken.
 */
export function readLoggedBundle(
  path: string,
  { artifact, key }: { artifact?: Uint8Array; key?: KeyObject } = {},
): { entries: readonly LogEntry[]; content: LoggedContent } {
  const json = parseJson(readFileSync(path), 'BUNDLE_MALFORMED', 'bundle');
  const bundle = bundleMessage(json, 'bundle');
  const { certificate, x509CertificateChain, tlogEntries = [] } = bundle.verificationMaterial ?? {};
  const der = (certificate ?? x509CertificateChain?.certificates?.[0])?.rawBytes;
  const verifier = verifierOf(der ?? key ?? Buffer.alloc(0));
  const { payloadType = '', payload = Buffer.alloc(0), signatures = [] } = bundle.dsseEnvelope ?? {};
  const [{ sig = Buffer.alloc(0) } = {}] = signatures;
  const { signature = Buffer.alloc(0), messageDigest } = bundle.messageSignature ?? {};
  const content = bundle.dsseEnvelope
    ? envelopeContent({ payloadType, payload, signature: sig }, verifier)
    : messageContent(artifact ?? Buffer.alloc(0), signature, verifier);
  if (content.kind === 'message' && artifact === undefined) {
    const digest = (name: string) => (name === 'sha256' ? messageDigest?.digest : undefined);
    return { entries: tlogEntries.map(toLogEntry), content: { ...content, digest } };
  }
  return { entries: tlogEntries.map(toLogEntry), content };
}
