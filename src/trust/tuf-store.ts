// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { geteuid } from 'node:process';
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

/** What tuf-js calls its files: what is kept is written to a folder under these names again. */
const METADATA_NAME = /^[A-Za-z0-9_][A-Za-z0-9._%-]*\.json$/;

function readKept(path: string): Kept | undefined {
  try {
    const text = readOwn(path);
    return text === undefined ? undefined : parseKept(JSON.parse(text));
  } catch {
    // Not there, or damaged: trust begins anew with the root of the Config, which is always there.
    return undefined;
  }
}

/**
 * The text of a file that is ours, or the system's: whoever else can write what is kept, in a folder that others share, would say whom
 * we trust. A link leads to what somebody else chose, and whoever opens a pipe waits.
 */
function readOwn(path: string): string | undefined {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    const isOurs = stats.uid === 0 || stats.uid === geteuid?.();
    const isShared = (stats.mode & constants.S_IWOTH) !== 0;
    if (!stats.isFile() || !isOurs || isShared || stats.size > LIMITS.tufKeptBytes) return undefined;
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function parseKept(value: unknown): Kept | undefined {
  if (!isJsonObject(value) || !isJsonObject(value['metadata'])) return undefined;
  const { metadata, target, refreshedAt } = value;
  const named = Object.entries(metadata).filter(([name]) => METADATA_NAME.test(name));
  const files = named.map(([name, text]) => [name, bytesOf(text)] as const);
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
