// SPDX-License-Identifier: Apache-2.0
import type { KubernetesClient } from '../../kubernetes/index.ts';

/** What time it is, in milliseconds since the epoch, and whether all replicas go by the clock that says so. */
export type SharedTime = { readonly now: number; readonly shared: boolean };

/** Less than this is no difference: the header counts whole seconds, and a certificate begins an hour before it is made. */
const TOLERATED_MS = 300_000;

/**
 * Our own clock, as long as the API server's says nearly the same; else the API server's. It is the one that judges our
 * certificates, and all replicas see it: so none of them makes what is not valid, and none takes another's for wrong.
 * `onWrong` is told by how much the own clock is ahead.
 */
export function createSharedClock(
  clock: () => number,
  client: Pick<KubernetesClient, 'aheadMs'>,
  onWrong: (aheadMs: number) => void,
): () => SharedTime {
  return () => {
    const own = clock();
    const apart = client.aheadMs();
    if (apart === undefined) return { now: own, shared: false };
    // The header was held against the clock of this process, which a test may have another of.
    const now = Date.now() + apart;
    if (Math.abs(now - own) <= TOLERATED_MS) return { now: own, shared: true };
    onWrong(own - now);
    return { now, shared: true };
  };
}
