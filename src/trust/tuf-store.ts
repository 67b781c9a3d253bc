// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TufConfig } from '../config/trust-root-config.ts';
import { isJsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';

/** What was good last of a TUF repository. */
export type Kept = {
  /** Names of metadata files (`root.json`) to their bytes. Never without the root. */
  readonly metadata: ReadonlyMap<string, Buffer>;
  /** The target that holds the trust root; absent as long as none was fetched. */
  readonly target?: Buffer;
  /** When the repository was last asked with success, in milliseconds since the epoch; 0: never. */
  readonly refreshedAt: number;
};

/** Remembers what was good last of one repository: in memory, and on disk where there is a folder that can be written. */
export type TufStore = {
  /** `undefined` where nothing was kept, or nothing that can be read. */
  read(): Kept | undefined;
  /** Whether it was written to disk. As a whole or not at all. */
  write(kept: Kept): boolean;
};

/**
 * The store of a repository in this folder. What trust in the repository begins with is part of its name, so that another
 * root in the Config is never overruled by what was kept under the old one.
 */
export function openTufStore(folder: string | undefined, tuf: TufConfig, root: Buffer | 'seed'): TufStore {
  const beginning = root === 'seed' ? root : createHash('sha256').update(root).digest('hex');
  const text = JSON.stringify([tuf.mirror, tuf.target, beginning]);
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.json`;
  const path = folder === undefined ? undefined : join(folder, name);
  let memory: Kept | undefined;
  return {
    read: () => memory ?? (path === undefined ? undefined : readKept(path)),
    write(kept) {
      memory = kept;
      return folder !== undefined && path !== undefined && writeKept(folder, path, kept);
    },
  };
}

function readKept(path: string): Kept | undefined {
  try {
    if (statSync(path).size > LIMITS.tufKeptBytes) return undefined;
    return parseKept(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Not there, or damaged: trust begins anew with the root of the Config, which is always there.
    return undefined;
  }
}

function parseKept(value: unknown): Kept | undefined {
  if (!isJsonObject(value) || !isJsonObject(value['metadata'])) return undefined;
  const { metadata, target, refreshedAt } = value;
  const files = Object.entries(metadata).map(([name, text]) => [name, bytesOf(text)] as const);
  const known = files.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes] as const]));
  const bytes = bytesOf(target);
  return {
    metadata: new Map(known),
    ...(bytes === undefined ? {} : { target: bytes }),
    refreshedAt: typeof refreshedAt === 'number' ? refreshedAt : 0,
  };
}

function bytesOf(text: unknown): Buffer | undefined {
  return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
}

/** Under another name first, so that nobody ever reads half of it. */
function writeKept(folder: string, path: string, { metadata, target, refreshedAt }: Kept): boolean {
  const files = [...metadata].map(([name, bytes]) => [name, bytes.toString('base64')]);
  const text = JSON.stringify({
    metadata: Object.fromEntries(files),
    target: target?.toString('base64'),
    refreshedAt,
  });
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    renameSync(temporary, path);
    return true;
  } catch {
    // A file system that is read-only, or full: memory has it, and the caller is told.
    discardFile(temporary);
    return false;
  }
}

function discardFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder that lets us do nothing holds nothing of ours either.
  }
}
