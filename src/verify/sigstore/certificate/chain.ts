// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import type { Certificate } from '../../../certificate/x509.ts';
import { VerificationError } from '../../../errors.ts';
import { quote } from '../../../image/quote.ts';
import { LIMITS } from '../../../limits.ts';
import { timeText } from '../../time-text.ts';
import type { TrustedAuthority, TrustRoot } from '../../trust-root.ts';
import { authorityOver } from './authority-chain.ts';
import { misuseOfLeaf } from './certificate-use.ts';
import { isNamedAfter } from './has-issued.ts';
import { knownIssuers, sharedAuthority } from './known-chains.ts';

/**
 * The authorities of the trust root that issued this certificate for code signing, each with its chain down to the one
 * that signed it (RFC 5280 §6.1). Time is not looked at here: see {@link authoritiesAt}. Intermediates from beside a
 * signature count only below an authority of which the trust root has nothing but the root; a root among them is
 * never trusted.
 *
 * What is proven is remembered for the trust root; a refusal is not.
 *
 * @throws VerificationError CERTIFICATE_UNTRUSTED, CERTIFICATE_MALFORMED, and LIMIT_EXCEEDED for more intermediates
 * than {@link LIMITS}.bundleCertificates
 */
export function verifyChain(
  leaf: Certificate,
  root: TrustRoot,
  intermediates: readonly Certificate[] = [],
): readonly TrustedAuthority[] {
  if (intermediates.length > LIMITS.bundleCertificates) {
    throw new VerificationError('LIMIT_EXCEEDED', `found ${intermediates.length} certificates in a chain`);
  }
  const usable = root.certificateAuthorities.some(({ chain }) => chain.length === 1) ? intermediates : [];
  return knownIssuers(root, [leaf, ...usable], () => proveChain(leaf, root, usable));
}

/**
 * Those of the authorities that could issue at this time, in milliseconds since the epoch: the leaf, each certificate
 * of their chain and their window in the trust root contain it, both ends included.
 *
 * @throws VerificationError CERTIFICATE_NOT_VALID_THEN where there is none
 */
export function authoritiesAt(
  leaf: Certificate,
  authorities: readonly TrustedAuthority[],
  timeMs: number,
): readonly TrustedAuthority[] {
  if (!isValidAt(leaf, timeMs)) {
    const span = `from ${timeText(leaf.notBefore)} to ${timeText(leaf.notAfter)}`;
    throw notThen(`the certificate is valid ${span}, the signature is of ${timeText(timeMs)}`);
  }
  const valid = authorities.filter(
    ({ chain, window }) =>
      window.from <= timeMs && timeMs <= window.until && chain.every((one) => isValidAt(one, timeMs)),
  );
  if (valid.length > 0) return valid;
  throw notThen(`no authority that issued the certificate is trusted at ${timeText(timeMs)}`);
}

function proveChain(
  leaf: Certificate,
  root: TrustRoot,
  intermediates: readonly Certificate[],
): readonly TrustedAuthority[] {
  const misuse = misuseOfLeaf(leaf, 'codeSigning');
  if (misuse !== undefined) throw new VerificationError('CERTIFICATE_UNTRUSTED', misuse);
  const authorities = root.certificateAuthorities.flatMap(
    (authority) => authorityOver(leaf, authority, intermediates) ?? [],
  );
  if (authorities.length > 0) return authorities.map((authority) => sharedAuthority(root, authority));
  const isNamesake = root.certificateAuthorities.some(({ chain }) =>
    chain.some((certificate) => isNamedAfter(leaf, certificate)),
  );
  const namesake = isNamesake ? '; the one of that name there did not issue it' : '';
  throw new VerificationError(
    'CERTIFICATE_UNTRUSTED',
    `found a certificate issued by another (${issuerText(leaf)}), wanted one by an authority of the trust root ${quote(root.name)}${namesake}`,
  );
}

/** Who issued it, by its own word: what to look for in a trust root. */
function issuerText({ der }: Certificate): string {
  try {
    return quote(new X509Certificate(der).issuer.replaceAll('\n', ', '));
  } catch {
    return 'under a name that cannot be read';
  }
}

function isValidAt({ notBefore, notAfter }: Certificate, timeMs: number): boolean {
  return notBefore <= timeMs && timeMs <= notAfter;
}

function notThen(message: string): VerificationError {
  return new VerificationError('CERTIFICATE_NOT_VALID_THEN', message);
}
