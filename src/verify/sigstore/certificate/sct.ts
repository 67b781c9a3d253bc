// SPDX-License-Identifier: Apache-2.0
import { hash, verify } from 'node:crypto';
import * as der from '../../../certificate/der.ts';
import { CERTIFICATE_TIMESTAMPS } from '../../../certificate/extensions.ts';
import { childrenOf, DER, type DerValue, expectTag, readDer } from '../../../certificate/read-der.ts';
import { type Certificate, EXTENSIONS, readingCertificate } from '../../../certificate/x509.ts';
import { VerificationError } from '../../../errors.ts';
import { LIMITS } from '../../../limits.ts';
import type { TrustedLog } from '../../trust-root.ts';
import { readScts, type Sct } from './read-scts.ts';

/**
 * How many of the certificate logs have promised, in a timestamp inside the certificate, to log what the issuer was about
 * to sign (RFC 6962 §3.2, §3.3). Timestamps of unknown logs, outside a log's window or with a wrong signature
 * do not count, and neither does a second one of the same log.
 *
 * @throws VerificationError SCT_INVALID for a list that cannot be read, LIMIT_EXCEEDED past
 * {@link LIMITS}.certificateTimestamps
 */
export function countScts(leaf: Certificate, issuer: Certificate, logs: readonly TrustedLog[]): number {
  const extension = leaf.extensions.get(CERTIFICATE_TIMESTAMPS);
  if (extension === undefined) return 0;
  const scts = readScts(extension.value);
  if (scts.length > LIMITS.certificateTimestamps) {
    throw new VerificationError('LIMIT_EXCEEDED', `found ${scts.length} timestamps in a certificate`);
  }
  const entry = precertEntry(leaf, extension.entry, issuer);
  const counted = new Set<string>();
  for (const sct of scts) {
    const candidates = logs.filter(
      (log) => log.id === sct.logId && isWithin(log, sct) && !counted.has(log.id),
    );
    if (candidates.some((log) => isSignedBy(log, sct, entry))) counted.add(sct.logId);
  }
  return counted.size;
}

function isWithin({ window }: TrustedLog, { timestamp }: Sct): boolean {
  return window.from <= timestamp && timestamp <= window.until;
}

/** RFC 6962 §2.1.4: logs sign with ECDSA or RSA PKCS #1 v1.5, and SHA-256. */
function isSignedBy({ key }: TrustedLog, sct: Sct, entry: Uint8Array): boolean {
  if (key.asymmetricKeyType !== sct.keyKind) return false;
  return verify('sha256', signedBytes(sct, entry), key, sct.signature);
}

/** RFC 6962 §3.2: what a timestamp signs; its extensions are taken as they are. */
function signedBytes({ timestampBytes, extensions }: Sct, entry: Uint8Array): Buffer {
  const head = Buffer.of(VERSION_1, CERTIFICATE_TIMESTAMP);
  return Buffer.concat([head, timestampBytes, PRECERT_ENTRY, entry, lengthOf(extensions, 2), extensions]);
}

/** RFC 6962 §3.2: the hash of the issuer's key, and the TBSCertificate as it was before the list was put in. */
function precertEntry(leaf: Certificate, list: DerValue, issuer: Certificate): Buffer {
  const tbs = readingCertificate(() => without(list, leaf));
  return Buffer.concat([hash('sha256', issuer.spki, 'buffer'), lengthOf(tbs, 3), tbs]);
}

/** What stands before the extensions is taken as it is, and so are those in front of this one and behind it. */
function without(extension: DerValue, { der: bytes }: Certificate): Buffer {
  const [tbs] = childrenOf(readDer(bytes));
  const last = childrenOf(expectTag(tbs, DER.sequence, 'a TBSCertificate')).at(-1);
  const [extensions] = childrenOf(expectTag(last, EXTENSIONS, 'extensions'));
  const { contentStart, end } = expectTag(extensions, DER.sequence, 'extensions');
  const before = bytes.subarray(tbs?.contentStart, last?.start);
  const others = [bytes.subarray(contentStart, extension.start), bytes.subarray(extension.end, end)];
  const isAlone = others.every(({ length }) => length === 0);
  return der.sequence(before, ...(isAlone ? [] : [der.explicit(3, der.sequence(...others))]));
}

function lengthOf({ length }: Uint8Array, bytes: number): Buffer {
  const written = Buffer.alloc(bytes);
  written.writeUIntBE(length, 0, bytes);
  return written;
}

const VERSION_1 = 0;
const CERTIFICATE_TIMESTAMP = 0;
const PRECERT_ENTRY = Buffer.of(0, 1);
