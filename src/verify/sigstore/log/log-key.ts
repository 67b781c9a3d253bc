// SPDX-License-Identifier: Apache-2.0
import { hash, verify } from 'node:crypto';
import type { TrustedLog } from '../../trust-root.ts';

/** How checkpoints name a log and its key. */
type LogNames = {
  /** Host name of the log; empty where the trust root does not say where the log is. */
  readonly host: string;
  /** The four bytes that stand before its signatures, as hex: in Rekor v1, and in C2SP signed notes. */
  readonly keyHint: string;
  readonly noteHint: string;
};

const known = new WeakMap<TrustedLog, LogNames>();

/** The names of a log, worked out once for as long as the trust root is in use. */
export function namesOf(log: TrustedLog): LogNames {
  const found = known.get(log);
  if (found !== undefined) return found;
  const host = URL.canParse(log.baseUrl) ? withoutBrackets(new URL(log.baseUrl).hostname) : '';
  const names = { host, keyHint: hintOf(log.spki), noteHint: hintOf(noteKey(log, host)) };
  known.set(log, names);
  return names;
}

/**
 * Whether the trust root names the log by the id that signed notes give its key: it is one of Rekor v2 then. An ECDSA key has
 * the same id in Rekor v1, so that it does not show (cosign formats §7.2).
 */
export function hasNoteId(log: TrustedLog): boolean {
  const { keyHint, noteHint } = namesOf(log);
  return noteHint !== keyHint && log.id.startsWith(noteHint);
}

/** A URL has brackets around the address of IPv6; a log that names itself has none. */
function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/**
 * Whether the signature is the log's, over the content. ECDSA logs hash with what the trust root says of their
 * key, or with SHA-256, as Rekor does whatever the curve.
 */
export function isSignedByLog(log: TrustedLog, content: Uint8Array, signature: Uint8Array): boolean {
  const { key, keyDetails } = log;
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return verify(null, content, key, signature);
    case 'rsa':
      return verify('sha256', content, key, signature);
    case 'ec':
      return (
        verify('sha256', content, key, signature) ||
        (keyDetails.endsWith('_SHA_384') && verify('sha384', content, key, signature)) ||
        (keyDetails.endsWith('_SHA_512') && verify('sha512', content, key, signature))
      );
    default:
      return false;
  }
}

/** What a signed note makes the id of a key from (C2SP signed-note; for ECDSA and RSA as Rekor v2 does it): its SHA-256 is the id. */
export function noteKey({ key, spki }: Pick<TrustedLog, 'key' | 'spki'>, name: string): Uint8Array {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return Buffer.concat([Buffer.from(`${name}\n\u0001`), spki.subarray(-ED25519_BYTES)]);
    case 'rsa':
      return Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(0xff), Buffer.from(RSA_TYPE), spki]);
    default:
      return spki;
  }
}

const ED25519_BYTES = 32;
const RSA_TYPE = 'PKIX-RSA-PKCS#1v1.5';

function hintOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex').slice(0, 8);
}
