// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import type { Certificate } from '../../../certificate/x509.ts';
import { LIMITS } from '../../../limits.ts';
import type { TrustedAuthority, TrustRoot } from '../../trust-root.ts';

type Known = {
  readonly issuers: Map<string, readonly TrustedAuthority[]>;
  /** Authorities with intermediates in front, of which thousands of certificates can have the same. */
  readonly lengthened: Map<string, TrustedAuthority>;
};

/** What was proven once below a trust root stays so for as long as it is the one that is used. */
const known = new WeakMap<TrustRoot, Known>();

/** What `prove` gives for these certificates, or gave before for the same trust root. What it throws is not remembered. */
export function knownIssuers(
  root: TrustRoot,
  certificates: readonly Certificate[],
  prove: () => readonly TrustedAuthority[],
): readonly TrustedAuthority[] {
  const { issuers } = knownOf(root);
  const key = keyOf(certificates);
  const found = issuers.get(key) ?? Object.freeze(prove());
  keep(issuers, key, found, LIMITS.knownChains);
  return found;
}

/** One object for all that are equal, of authorities of this trust root with intermediates in front. */
export function sharedAuthority(root: TrustRoot, authority: TrustedAuthority): TrustedAuthority {
  if (root.certificateAuthorities.includes(authority)) return authority;
  const { lengthened } = knownOf(root);
  const { uri, window, chain } = authority;
  const key = [uri, window.from, window.until, keyOf(chain)].join();
  const found = lengthened.get(key) ?? authority;
  keep(lengthened, key, found, LIMITS.knownIntermediates);
  return found;
}

function knownOf(root: TrustRoot): Known {
  const found = known.get(root) ?? { issuers: new Map(), lengthened: new Map() };
  known.set(root, found);
  return found;
}

/** What was used last stands last, so that the first is the one to forget. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.size > most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
}

function keyOf(certificates: readonly Certificate[]): string {
  return certificates.map(({ der }) => hash('sha256', der, 'base64')).join();
}
