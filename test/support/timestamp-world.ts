// SPDX-License-Identifier: Apache-2.0
import { octetString } from '../../src/certificate/der.ts';
import { verifyTimestamp } from '../../src/verify/sigstore/timestamp/verify-timestamp.ts';
import type { TrustedTimestampAuthority } from '../../src/verify/trust-root.ts';
import { AUTHORITY, type Holder, holderOf, purposes, TIME_STAMPING } from './authorities.ts';
import { extension } from './certificates.ts';
import { makeTimestamp, type TimestampParts, timestampSigner } from './timestamps.ts';

/** What the tests of timestamps share: a signature, an authority, and a timestamp of the one by the other. */
export const signed = Buffer.from('a signature');
export const root = holderOf('tsa root', { extensions: AUTHORITY });
export const other = holderOf('other root', { extensions: AUTHORITY });
export const keyId = Buffer.from('key id');
export const signer = timestampSigner(root, {
  extensions: [purposes(true, TIME_STAMPING), extension('2.5.29.14', octetString(keyId))],
});
export const TIME = Date.parse('2026-01-02T03:04:05Z');

export const authorityOf = (
  chain: readonly Holder[],
  hasLeaf: boolean,
  window = { from: 0, until: Number.POSITIVE_INFINITY },
): TrustedTimestampAuthority => ({
  uri: '',
  chain: chain.map(({ certificate }) => certificate),
  window,
  hasLeaf,
});
export const withLeaf = authorityOf([signer, root], true);
export const withoutLeaf = authorityOf([root], false);
export const make = (parts: Partial<TimestampParts> = {}) => makeTimestamp({ signed, signer, ...parts });
export const verifyBy = (authority: TrustedTimestampAuthority, parts: Partial<TimestampParts> = {}) =>
  verifyTimestamp(make(parts), signed, [authority]);
