// SPDX-License-Identifier: Apache-2.0
import { type Config, DEFAULT_CONFIG } from '../config/index.ts';
import { DEFAULT_TRUST_ROOT } from '../config/trust-root-config.ts';
import { CountersignError } from '../errors.ts';
import { loadTrustRoots, trustCacheFolder } from '../trust/index.ts';
import type { TrustRoots } from '../verify/index.ts';
import type { Terminal } from './terminal.ts';

/** The trust roots of the Config, with the file of `--trusted-root` in the place of the one that signers have by default. */
export function withTrustedRoot(
  { trustRoots }: Pick<Config, 'trustRoots'>,
  file: string | undefined,
): Config['trustRoots'] {
  if (file === undefined) return trustRoots;
  return new Map([...trustRoots, [DEFAULT_TRUST_ROOT, { kind: 'file', path: file }]]);
}

/** Which trust root a command was told to use. */
type TrustedRootOptions = { readonly trustedRoot?: string; readonly staging?: boolean };

/**
 * The trust root for one bundle: the given file, else the public-good one. That of Sigstore's staging instance is not
 * brought along.
 *
 * @throws CountersignError USAGE, FILE_UNREADABLE, TRUST_ROOT_INVALID
 */
export function bundleTrustRoots(
  { trustedRoot, staging }: TrustedRootOptions,
  env: Terminal['env'],
): TrustRoots {
  if (staging === true && trustedRoot === undefined) {
    const wanted = '--trusted-root FILE, the trusted_root.json of the staging instance';
    throw new CountersignError('USAGE', `--staging needs ${wanted}`);
  }
  const trustRoots = withTrustedRoot(DEFAULT_CONFIG, trustedRoot);
  return loadTrustRoots({ trustRoots }, { names: [DEFAULT_TRUST_ROOT], cacheFolder: trustCacheFolder(env) });
}
