// SPDX-License-Identifier: Apache-2.0

import type { Config } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import type { CompiledPolicy } from '../policy/index.ts';
import {
  checkNeededRoots,
  loadTrustRoots,
  neededRoots,
  trustCacheFolder,
  usedRoots,
} from '../trust/index.ts';
import { NO_TRUST_ROOTS, type TrustRoots } from '../verify/index.ts';
import { withTrustedRoot } from './trusted-root.ts';

/**
 * The trust roots that the signers of these policies use, and no others: where all are keys without a window, none is read. One that is
 * only used, and not needed, may be missing, as on the server. The file of
 * `--trusted-root` stands in the place of `default`.
 *
 * @throws CountersignError TRUST_ROOT_UNKNOWN, TRUST_ROOT_INVALID, TRUST_ROOT_MISSING, FILE_UNREADABLE
 */
export function loadCommandTrust(
  policies: readonly CompiledPolicy[],
  config: Config,
  trustedRoot: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): TrustRoots {
  const needed = neededRoots(policies);
  const used = usedRoots(policies);
  if (used.length === 0) return NO_TRUST_ROOTS;
  const trustRoots = withTrustedRoot(config, trustedRoot);
  checkNeededRoots(policies, { trustRoots });
  const names = used.filter((name) => trustRoots.has(name));
  const trust = loadTrustRoots({ trustRoots }, { names, cacheFolder: trustCacheFolder(env) });
  const missing = needed.filter((name) => !trust.roots.has(name));
  if (missing.length === 0) return trust;
  throw new CountersignError('TRUST_ROOT_MISSING', `trust root ${missing.join(', ')}: never fetched`);
}
