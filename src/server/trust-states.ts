// SPDX-License-Identifier: Apache-2.0
import { nextExpiry, type TrustRoot } from '../verify/index.ts';

/** How one trust root is, for the probe and the metrics. Times are milliseconds since the epoch. */
export type TrustRootState = {
  readonly name: string;
  /** As `trust show` gives it: equal where the same is trusted. */
  readonly fingerprint: string;
  /** When it was loaded from disk, or last confirmed by its repository. */
  readonly loadedAt: number;
  /** The first end of a log, an authority or a certificate that is not past; `undefined`: nothing ends. */
  readonly nextExpiry: number | undefined;
  /** What came of the latest load or refresh. */
  readonly lastRefresh: 'ok' | 'error';
};

/** What came of each load and each refresh of trust roots, by name. */
export type TrustStates = {
  /** `at`: where it was not now. */
  succeeded(name: string, at?: number): void;
  failed(name: string): void;
  of(root: TrustRoot): TrustRootState;
};

/** Nothing was loaded yet. */
export function createTrustStates(clock: () => number): TrustStates {
  const loadedAt = new Map<string, number>();
  const broken = new Set<string>();
  return {
    succeeded(name, at = clock()) {
      broken.delete(name);
      loadedAt.set(name, at);
    },
    failed(name) {
      broken.add(name);
    },
    of: (root) => ({
      name: root.name,
      fingerprint: root.fingerprint,
      loadedAt: loadedAt.get(root.name) ?? 0,
      nextExpiry: nextExpiry(root, clock()),
      lastRefresh: broken.has(root.name) ? 'error' : 'ok',
    }),
  };
}
