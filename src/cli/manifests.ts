// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readable } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { type Manifest, ManifestError, parseManifests } from './parse-manifests.ts';
import type { Terminal } from './terminal.ts';

const MANIFEST_FILE = /\.(ya?ml|json)$/;

/**
 * The objects of files, folders (read deep, `.yaml`, `.yml`, `.json`) and `-` (standard input), in their order.
 * Documents of a file and items of a List are objects each.
 *
 * @throws ManifestError MANIFEST_INVALID with everything that is wrong at once
 * @throws CountersignError FILE_UNREADABLE, MANIFEST_INVALID where there is no object at all
 */
export async function readManifests(paths: readonly string[], terminal: Terminal): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  const issues: ManifestError['issues'][number][] = [];
  for (const path of paths) {
    if (path === '-') manifests.push(...parseManifests('-', await terminal.readStdin(), issues));
    else for (const file of filesOf(path)) manifests.push(...parseManifests(file, read(file), issues));
  }
  if (issues.length > 0) throw new ManifestError(issues);
  if (manifests.length === 0) {
    throw new CountersignError('MANIFEST_INVALID', `found no Kubernetes object in ${paths.join(', ')}`);
  }
  return manifests;
}

function filesOf(path: string): string[] {
  return readable(path, () => {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => MANIFEST_FILE.test(name))
      .sort()
      .map((name) => join(path, name));
  });
}

function read(file: string): string {
  return readable(file, () => readFileSync(file, 'utf8'));
}
