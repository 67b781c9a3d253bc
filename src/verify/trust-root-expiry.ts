// SPDX-License-Identifier: Apache-2.0
import type { TrustedAuthority, TrustRoot } from './trust-root.ts';

/**
 * The next moment, `now` or later, at which something that is trusted ends: a window of the root, or the
 * first certificate of a chain that expires. `undefined` where nothing does. Milliseconds since the epoch.
 */
export function nextExpiry(root: TrustRoot, now: number): number | undefined {
  const ends = [
    ...[...root.logs, ...root.certificateLogs].map(({ window }) => window.until),
    ...[...root.certificateAuthorities, ...root.timestampAuthorities].map(endOfAuthority),
  ];
  const next = Math.min(...ends.filter((end) => end >= now));
  return Number.isFinite(next) ? next : undefined;
}

function endOfAuthority({ chain, window }: TrustedAuthority): number {
  return Math.min(window.until, ...chain.map(({ notAfter }) => notAfter));
}
