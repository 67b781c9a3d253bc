// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CountersignError } from '../errors.ts';
import { isJsonObject } from '../json-object.ts';

type Metadata = ReadonlyMap<string, Buffer>;

/** The memory file system that Linux gives each container, also those whose root file system is read-only. */
const SHARED_MEMORY = '/dev/shm';

/** The version of TUF metadata; 0 for what is none. */
export function versionOf(bytes: Buffer | undefined): number {
  const version = signedPart(bytes)?.['version'];
  return typeof version === 'number' ? version : 0;
}

/** Whether these bytes look like root metadata; whether they hold is for tuf-js to say. */
export function isRootMetadata(bytes: Buffer): boolean {
  return signedPart(bytes)?.['_type'] === 'root';
}

function signedPart(bytes: Buffer | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes?.toString('utf8') ?? '');
    const signed = isJsonObject(value) ? value['signed'] : undefined;
    return isJsonObject(signed) ? signed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` on a folder of its own with these metadata files, since tuf-js keeps its state in one. Afterwards `keep`
 * gets what is in it, whether the work succeeded or not: tuf-js writes only what it has verified, and what it has seen once must
 * not be rolled back.
 */
export async function inMetadataFolder<T>(
  metadata: Metadata,
  cacheFolder: string | undefined,
  work: (folder: string) => Promise<T>,
  keep: (metadata: Metadata) => void,
): Promise<T> {
  const folder = makeFolder([tmpdir(), ...(cacheFolder === undefined ? [] : [cacheFolder]), SHARED_MEMORY]);
  try {
    for (const [name, bytes] of metadata) writeFileSync(join(folder, name), bytes);
    try {
      return await work(folder);
    } finally {
      const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
      keep(new Map(names.map((name) => [name, readFileSync(join(folder, name))])));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFolder(places: readonly string[]): string {
  for (const place of places) {
    try {
      return mkdtempSync(join(place, 'countersign-tuf-'));
    } catch {
      // Read-only, or not there: the next.
    }
  }
  throw new CountersignError('TRUST_REFRESH_FAILED', `no folder can be written, of ${places.join(', ')}`);
}
