// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from '../certificate/x509.ts';
import { CountersignError } from '../errors.ts';
import { digestOf } from '../image/digest.ts';
import { quote } from '../image/quote.ts';
import { deepFreeze } from '../policy/freeze.ts';
import { checkKeyKind } from '../policy/key.ts';
import { verifyAuthorityChain } from './sigstore/certificate/authority-chain.ts';
import { signsTimestamps } from './sigstore/timestamp/signer.ts';
import type { TrustedAuthority, TrustedLog, TrustedTimestampAuthority, TrustRoot } from './trust-root.ts';

/** What a trust root holds, before it has a name and a fingerprint. */
export type TrustRootContent = Pick<
  TrustRoot,
  'certificateAuthorities' | 'certificateLogs' | 'logs' | 'timestampAuthorities'
>;

/**
 * Makes the frozen root of what `read` gives. Whatever that throws is an error of the trust root.
 *
 * @throws CountersignError TRUST_ROOT_INVALID
 */
export function buildTrustRoot(name: string, read: () => TrustRootContent): TrustRoot {
  try {
    const content = read();
    return deepFreeze({ name, fingerprint: fingerprintOf(content), ...content });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CountersignError('TRUST_ROOT_INVALID', `trust root ${quote(name)}: ${why}`, { cause });
  }
}

/** The certificate, which must have a key that can verify; an error begins with the path. */
export function checkCertificate(certificate: Certificate, path: string): Certificate {
  at(path, () => checkKeyKind(certificate.publicKey));
  return certificate;
}

/** A certificate authority, whose chain must hold; an error begins with the path. */
export function asCertificateAuthority(authority: TrustedAuthority, path: string): TrustedAuthority {
  at(path, () => verifyAuthorityChain(authority.chain, 'codeSigning'));
  return authority;
}

/** The same of a timestamp authority, with a look at whether the chain begins with the certificate that signs. */
export function asTimestampAuthority(authority: TrustedAuthority, path: string): TrustedTimestampAuthority {
  const [first] = authority.chain;
  const hasLeaf = at(path, () => first !== undefined && signsTimestamps(first));
  at(path, () => verifyAuthorityChain(authority.chain, 'timeStamping'));
  return { ...authority, hasLeaf };
}

/** What `read` gives, errors beginning with the path. */
export function at<To>(path: string, read: () => To): To {
  try {
    return read();
  } catch (cause) {
    throw invalid(path, cause instanceof Error ? cause.message : String(cause));
  }
}

/** An error of a trust root: what stands at the path, and what was wanted. */
export function invalid(path: string, why: string): CountersignError {
  return new CountersignError('TRUST_ROOT_INVALID', `${path}: ${why}`);
}

/** Sorted lines, so that neither the order of entries nor the way they were written matters. */
function fingerprintOf(content: TrustRootContent): string {
  const lines = [
    ...content.certificateAuthorities.map((one) => ['ca', ...authorityLine(one)]),
    ...content.timestampAuthorities.map((one) => ['tsa', one.hasLeaf, ...authorityLine(one)]),
    ...content.certificateLogs.map((one) => ['ct', ...logLine(one)]),
    ...content.logs.map((one) => ['log', ...logLine(one)]),
  ].map((line) => JSON.stringify(line));
  return digestOf(Buffer.from(lines.sort().join('\n')));
}

function authorityLine({ uri, chain, window }: TrustedAuthority | TrustedTimestampAuthority): unknown[] {
  return [uri, String(window.from), String(window.until), ...chain.map(({ der }) => digestOf(der))];
}

function logLine({ id, spki, keyDetails, window, baseUrl }: TrustedLog): unknown[] {
  return [id, digestOf(spki), keyDetails, String(window.from), String(window.until), baseUrl];
}
