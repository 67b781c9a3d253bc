// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from '../../certificate/tls-state.ts';
import type { Log } from '../log.ts';
import { createNotice } from '../notice.ts';

/** What is wrong with a Secret or a clock until somebody mends it: said, but not at each look. */
export type ManagedNotices = {
  notYet(leaf: Certificate): void;
  /** The names of the leaf that is there. */
  otherNames(names: readonly string[]): void;
  /** By how many milliseconds our clock is ahead of the API server's. */
  wrongClock(aheadMs: number): void;
};

/** Notices of a replica that wants a leaf for these names. */
export function createManagedNotices(log: Log, wanted: readonly string[]): ManagedNotices {
  return {
    notYet: createNotice<Certificate>((count, { notBefore }) =>
      log.error(
        { notBefore: new Date(notBefore).toISOString(), count },
        'the certificate in the Secret is not valid yet: the clock of a replica is wrong',
      ),
    ),
    otherNames: createNotice<readonly string[]>((count, names) =>
      log.error(
        { names, wanted, count },
        'the certificate in the Secret is for another Service, and stays: give each --tls-service a --tls-secret of its own, or empty tls.crt where nobody serves it any more',
      ),
    ),
    wrongClock: createNotice<number>((count, aheadMs) =>
      log.error(
        { aheadSeconds: Math.round(aheadMs / 1000), count },
        "the clock of this node is not that of the API server: certificates are made by the API server's",
      ),
    ),
  };
}
