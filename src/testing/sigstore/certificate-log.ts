// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject } from 'node:crypto';
import { octetString } from '../../certificate/der.ts';
import { createTestKey, signWith, type TestKey } from '../keys.ts';
import { extension, spkiOf } from './x509.ts';

/** A certificate transparency log (RFC 6962): it promises, and stores nothing. */
export type TestCertificateLog = {
  readonly key: TestKey;
  /** SHA-256 of its key. */
  readonly id: Buffer;
  readonly baseUrl: string;
  /** A signed certificate timestamp over the precertificate, in TLS encoding; `time` in milliseconds. */
  promise(request: SctRequest): Buffer;
};

type SctRequest = {
  /** The TBSCertificate without its list of SCTs. */
  readonly tbs: Uint8Array;
  /** The key of the authority that issues the certificate. */
  readonly issuer: KeyObject;
  readonly time: number;
  /** Extensions of the SCT, as static CT logs have them (c2sp.org/static-ct-api, leaf_index). Default: none. */
  readonly extensions?: Uint8Array;
};

const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';
const SHA256_ECDSA = Buffer.of(4, 3);

/** Makes a certificate log with a P-256 key of its own; `claimed`: the id of another log, which it says it is. */
export function createTestCertificateLog(baseUrl: string, claimed?: Buffer): TestCertificateLog {
  const key = createTestKey('ecdsa-p256');
  const id = claimed ?? createHash('sha256').update(spkiOf(key.publicKey)).digest();
  return { key, id, baseUrl, promise: (request) => makeSct(key, id, request) };
}

/** The extension that embeds SCTs in a certificate (RFC 6962 §3.3). */
export function sctExtension(scts: readonly Uint8Array[]): Buffer {
  const list = Buffer.concat(scts.flatMap((sct) => [uint(sct.length, 2), sct]));
  return extension(SCT_LIST, false, octetString(Buffer.concat([uint(list.length, 2), list])));
}

/** The extension by which a static CT log says at which index it put the certificate. */
export function leafIndexExtension(index: number): Buffer {
  return Buffer.concat([Buffer.of(0), uint(5, 2), uint(index, 5)]);
}

function makeSct(key: TestKey, id: Buffer, request: SctRequest): Buffer {
  const { tbs, issuer, time, extensions = Buffer.alloc(0) } = request;
  const tail = Buffer.concat([uint(extensions.length, 2), extensions]);
  const signed = Buffer.concat([
    Buffer.of(0, 0), // v1, certificate_timestamp
    uint(time, 8),
    uint(1, 2), // precert_entry
    createHash('sha256').update(spkiOf(issuer)).digest(),
    uint(tbs.length, 3),
    tbs,
    tail,
  ]);
  const signature = signWith(key, signed);
  const head = Buffer.concat([Buffer.of(0), id, uint(time, 8), tail]);
  return Buffer.concat([head, SHA256_ECDSA, uint(signature.length, 2), signature]);
}

function uint(value: number, bytes: number): Buffer {
  return Buffer.from(
    Math.floor(value)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  );
}
