// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(process.env['COUNTERSIGN_VECTORS'] ?? '../shared/vectors');

/** Where a file or folder of the real signed material is; see {@link skipWithoutVectors}. */
export function vectorsPath(...parts: string[]): string {
  return join(root, ...parts);
}

/** For the `skip` option of a test: the reason to skip where the material is absent, else `false`. */
export const skipWithoutVectors: string | false = existsSync(root)
  ? false
  : `no real vectors at ${root} (set COUNTERSIGN_VECTORS)`;

/** The trusted_root.json of the public-good instance. */
export function vectorRootBytes(): Buffer {
  return readFileSync(vectorsPath('trust/targets/trusted_root.json'));
}
