// SPDX-License-Identifier: Apache-2.0
import type { Signer, VerificationKey } from '../policy/index.ts';

/** Whether a key is trusted at a time: both ends of its window belong to it. */
export function isInWindow(key: VerificationKey, now: number): boolean {
  return now >= (key.notBefore ?? -Infinity) && now <= (key.notAfter ?? Infinity);
}

/** Whether there are times at which the key is not trusted. */
export function hasWindow({ notBefore, notAfter }: VerificationKey): boolean {
  return notBefore !== undefined || notAfter !== undefined;
}

/**
 * The times around `now`, both ends included (ms since epoch), within which no key window of the signer
 * opens or closes: an outcome of that signer, once derived from an unchanging candidate, holds so long. For this
 * moment only (nothing between the ends) where the signer has certificates held against now.
 */
export function outcomeHolds(signer: Signer, now: number): { from: number; until: number } {
  // Certificates are held against now where nothing proves a time, and end at any moment.
  if (signer.kind === 'keyless' && signer.demands.unsafeNoTime) return { from: now, until: now };
  const changes = signer.kind === 'key' ? signer.keys.flatMap(firstMoments) : [];
  return {
    from: Math.max(-Infinity, ...changes.filter((change) => change <= now)),
    until: Math.min(Infinity, ...changes.filter((change) => change > now)) - 1,
  };
}

/** The first millisecond in which the key is trusted, and the first in which it is no longer. */
function firstMoments({ notBefore, notAfter }: VerificationKey): number[] {
  return [...(notBefore === undefined ? [] : [notBefore]), ...(notAfter === undefined ? [] : [notAfter + 1])];
}
