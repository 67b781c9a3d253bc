// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/**
 * The folder in which trust roots of TUF repositories are kept: `COUNTERSIGN_TRUST_CACHE`, else `countersign/trust` below
 * `XDG_CACHE_HOME` or the home folder's `.cache`; `undefined` where the environment names none of these.
 */
export function trustCacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { COUNTERSIGN_TRUST_CACHE: own, XDG_CACHE_HOME: caches, HOME: home } = env;
  if (own) return own;
  if (caches) return join(caches, 'countersign/trust');
  return home ? join(home, '.cache/countersign/trust') : undefined;
}
