// SPDX-License-Identifier: Apache-2.0

import { readBasicConstraints } from '../../../certificate/extensions.ts';
import type { Certificate } from '../../../certificate/x509.ts';
import { VerificationError } from '../../../errors.ts';
import { LIMITS } from '../../../limits.ts';
import type { TrustedAuthority } from '../../trust-root.ts';
import { type CertificatePurpose, misuseOfIssuers, misuseOfLeaf } from './certificate-use.ts';
import { hasIssued, isNamedAfter, isSelfIssued, isVerifiable } from './has-issued.ts';

/**
 * Checks the chain of an authority when it is loaded: each certificate is signed by the next one, and all may issue
 * for this purpose. The last one is trusted as it is; where it says that it signed itself, it did, unless with an
 * algorithm that is verified nowhere here (SHA-1, of old): nothing rests on that signature. A chain for timestamps may begin
 * with the certificate that signs them. Time is not looked at.
 *
 * @throws VerificationError CERTIFICATE_UNTRUSTED, CERTIFICATE_MALFORMED
 */
export function verifyAuthorityChain(chain: readonly Certificate[], purpose: CertificatePurpose): void {
  const [first] = chain;
  const root = chain.at(-1);
  if (first === undefined || root === undefined) throw untrusted('found no certificate in the chain');
  if (chain.length > LIMITS.bundleCertificates) throw untrusted(`found a chain of ${chain.length}`);
  const hasLeaf = purpose === 'timeStamping' && !readBasicConstraints(first).ca;
  const misuse =
    misuseOfIssuers(hasLeaf ? chain.slice(1) : chain, purpose) ??
    (hasLeaf ? misuseOfLeaf(first, purpose) : undefined);
  if (misuse !== undefined) throw untrusted(`${misuse}, in the chain of an authority`);
  const links = [...chain.slice(1), ...(isSelfIssued(root) && isVerifiable(root) ? [root] : [])];
  for (const [index, issuer] of links.entries()) {
    const below = chain[index];
    if (below === undefined || !hasIssued(issuer, below)) {
      throw untrusted(`certificate ${index + 1} of the chain was not issued by the one after it`);
    }
  }
  // A key that cannot be read must not wait for the first signature.
  if (root.publicKey.type !== 'public') throw untrusted('found a root without a public key');
}

/**
 * The authority as it issued this leaf: itself, or, where the trust root has nothing but its root, with those of the
 * intermediates in front that lead from it to the leaf. Nothing is believed of an intermediate before the one above it
 * has signed it, each is used once, and past {@link LIMITS}.intermediateSteps signatures no more are looked at.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED
 */
export function authorityOver(
  leaf: Certificate,
  authority: TrustedAuthority,
  intermediates: readonly Certificate[],
): TrustedAuthority | undefined {
  const { chain } = authority;
  const [issuing] = chain;
  if (issuing === undefined || misuseOfIssuers(chain, 'codeSigning') !== undefined) return undefined;
  if (hasIssued(issuing, leaf)) return authority;
  if (chain.length > 1) return undefined;
  const path = pathTo(leaf, chain, { unused: new Set(intermediates), steps: LIMITS.intermediateSteps });
  return path && Object.freeze({ ...authority, chain: Object.freeze(path) });
}

/** What is left to try. */
type Search = { readonly unused: Set<Certificate>; steps: number };

/** Grows the path at its lower end, from what is trusted towards the leaf. */
function pathTo(
  leaf: Certificate,
  path: readonly Certificate[],
  search: Search,
): readonly Certificate[] | undefined {
  for (const candidate of [...search.unused]) {
    const longer = [candidate, ...path];
    if (!search.unused.has(candidate) || !leads(longer, search)) continue;
    search.unused.delete(candidate);
    const whole = hasIssued(candidate, leaf) ? longer : pathTo(leaf, longer, search);
    if (whole !== undefined) return whole;
  }
  return undefined;
}

/** Whether the second issued the first, as one that may issue: counted, since anybody can send certificates of any name. */
function leads(path: readonly Certificate[], search: Search): boolean {
  const [lowest, above] = path;
  if (lowest === undefined || above === undefined || search.steps === 0) return false;
  if (isSelfIssued(lowest) || !isNamedAfter(lowest, above)) return false;
  if (misuseOfIssuers(path, 'codeSigning') !== undefined) return false;
  search.steps -= 1;
  return hasIssued(above, lowest);
}

function untrusted(found: string): VerificationError {
  return new VerificationError('CERTIFICATE_UNTRUSTED', found);
}
