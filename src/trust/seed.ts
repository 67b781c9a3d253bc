// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { PUBLIC_GOOD_MIRROR, TRUSTED_ROOT_TARGET } from '../config/trust-root-config.ts';
import { CountersignError } from '../errors.ts';

/*
 * Sigstore publishes the beginning of trust in its public-good instance as a file of an npm package. Only that file is
 * used of it, and only where a trust root is asked for. Trust roots are loaded synchronously, and so is this: an
 * unbundled module makes itself a `require`, a bundler sees the call and packs the file in.
 */
type Seeds = Readonly<
  Record<string, { readonly 'root.json': string; readonly targets: Record<string, string> }>
>;

const isBundled = typeof require === 'function';

/** What trust in the public-good instance begins with. */
export type Seed = {
  /** TUF root metadata. */
  readonly root: Buffer;
  /** The `trusted_root.json` of the time when the package was made. */
  readonly trustedRoot: Buffer;
};

/** The seed of the public-good instance, read at the first use. Throws TRUST_ROOT_MISSING where the package has none. */
export function publicGoodSeed(): Seed {
  const seed = loadSeeds()[PUBLIC_GOOD_MIRROR];
  const trustedRoot = seed?.targets[TRUSTED_ROOT_TARGET];
  if (seed === undefined || trustedRoot === undefined) {
    throw new CountersignError('TRUST_ROOT_MISSING', 'the seed of the public-good instance is not there');
  }
  return { root: Buffer.from(seed['root.json'], 'base64'), trustedRoot: Buffer.from(trustedRoot, 'base64') };
}

function loadSeeds(): Seeds {
  return isBundled
    ? require('@sigstore/tuf/seeds.json')
    : createRequire(import.meta.url)('@sigstore/tuf/seeds.json');
}
