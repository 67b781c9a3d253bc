// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Certificate, parseCertificate } from '../../src/certificate/x509.ts';
import type { TrustedAuthority, TrustedLog, TrustRoot, ValidityWindow } from '../../src/verify/trust-root.ts';
import { vectorsPath } from './vectors.ts';

const ALWAYS: ValidityWindow = { from: 0, until: Number.POSITIVE_INFINITY };

/** A trust root of these authorities and certificate logs, and nothing else. */
export function rootWith(
  certificateAuthorities: readonly TrustedAuthority[],
  certificateLogs: readonly TrustedLog[] = [],
): TrustRoot {
  const others = { logs: [], timestampAuthorities: [] };
  return { name: 'test', fingerprint: 'sha256:test', certificateAuthorities, certificateLogs, ...others };
}

export function authorityOf(chain: readonly Certificate[], window = ALWAYS): TrustedAuthority {
  return { uri: 'https://ca.example', chain, window };
}

export function logOf(key: KeyObject, window = ALWAYS): TrustedLog {
  const spki = key.export({ type: 'spki', format: 'der' });
  return { id: hash('sha256', spki, 'hex'), key, spki, keyDetails: '', window, baseUrl: '' };
}

type Span = { readonly start: string; readonly end?: string };
type Chain = { readonly certChain: { readonly certificates: readonly { readonly rawBytes: string }[] } };
type LogKey = { readonly rawBytes: string; readonly keyDetails: string; readonly validFor: Span };
type Document = {
  readonly certificateAuthorities: readonly (Chain & { readonly validFor: Span })[];
  readonly timestampAuthorities?: readonly Chain[];
  readonly ctlogs: readonly { readonly publicKey: LogKey }[];
};

/** The authorities and certificate logs of a `trusted_root.json` among the vectors, read without any check. */
export function vectorRoot(...path: string[]): TrustRoot {
  const { certificateAuthorities, ctlogs } = documentAt(path);
  return rootWith(
    certificateAuthorities.map((one) => authorityOf(chainOf(one), windowOf(one.validFor))),
    ctlogs.map(({ publicKey: { rawBytes, keyDetails, validFor } }) => {
      const type = keyDetails.startsWith('PKCS1_') ? 'pkcs1' : 'spki';
      const key = createPublicKey({ key: Buffer.from(rawBytes, 'base64'), format: 'der', type });
      return logOf(key, windowOf(validFor));
    }),
  );
}

/** The chains of its timestamp authorities. */
export function vectorTimestampChains(...path: string[]): readonly (readonly Certificate[])[] {
  return (documentAt(path).timestampAuthorities ?? []).map(chainOf);
}

/** The certificate of a bundle among the vectors. */
export function vectorLeaf(...path: string[]): Certificate {
  const { verificationMaterial: material } = JSON.parse(readFileSync(vectorsPath(...path), 'utf8'));
  const { rawBytes } = material.certificate ?? material.x509CertificateChain.certificates[0];
  return parseCertificate(Buffer.from(rawBytes, 'base64'));
}

function documentAt(path: readonly string[]): Document {
  return JSON.parse(readFileSync(vectorsPath(...path), 'utf8'));
}

function chainOf({ certChain }: Chain): readonly Certificate[] {
  return certChain.certificates.map(({ rawBytes }) => parseCertificate(Buffer.from(rawBytes, 'base64')));
}

function windowOf({ start, end }: Span): ValidityWindow {
  return { from: Date.parse(start), until: end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end) };
}
