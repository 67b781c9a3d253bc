// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../registry/index.ts';
import { NO_NAMESPACE } from '../sharing/index.ts';
import type { Candidate } from '../verify/index.ts';
import { BYTES_UNDER_WAY } from './bytes-under-way.ts';
import { sizeOfCandidates } from './size-of-candidates.ts';

/** Candidates that are held while something else is waited for: they count among the bytes under way. */
export type Holds = {
  /** Counts them until the end; after the end nothing is counted, since nobody would give it back. */
  add(candidates: readonly Candidate[]): void;
  /** Gives everything back. */
  end(): void;
};

/** Holds nothing yet, for those whose exchange it is. */
export function createHolds({ tenants = NO_NAMESPACE }: Pick<Exchange, 'tenants'>): Holds {
  const releases: (() => void)[] = [];
  let ended = false;
  return {
    add(candidates) {
      if (ended) return;
      releases.push(BYTES_UNDER_WAY.hold(candidates, sizeOfCandidates(candidates), tenants));
    },
    end() {
      ended = true;
      for (const release of releases.splice(0)) release();
    },
  };
}
