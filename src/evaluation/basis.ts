// SPDX-License-Identifier: Apache-2.0
import { NO_TRUST_ROOTS, type TrustRoots } from '../verify/index.ts';
import type { Deps } from './question.ts';

/** What a verification rests on beside facts and policy: fixed once for each image that is judged. */
export type Basis = {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** One frozen snapshot: what was derived from it holds for this very object. */
  readonly trust: TrustRoots;
};

/** Now, and what is trusted now. */
export function basisOf({ clock, trust = NO_TRUST_ROOTS }: Pick<Deps, 'clock' | 'trust'>): Basis {
  return { now: clock(), trust };
}
