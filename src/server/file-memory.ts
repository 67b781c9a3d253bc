// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Files, visible } from '../config/files.ts';
import { LIMITS } from '../limits.ts';

/** Files that remember what was read through them, so that one can ask whether it would read the same again. */
export type FileMemory = {
  readonly files: Files;
  /** The folders in which a change of what was read shows itself: a swap of `..data` happens beside the links. */
  folders(): readonly string[];
  /** Whether every file and folder still has the content it had when it was read. */
  isCurrent(): Promise<boolean>;
};

/** An empty memory over `files`. Only fingerprints are kept, never content: private keys are among it. */
export function rememberFiles(files: Files): FileMemory {
  const lists = new Map<string, string>();
  const texts = new Map<string, string>();
  return {
    files: {
      list: (path) => noting(lists, path, () => files.list(path)),
      read: (path) => noting(texts, path, () => files.read(path)),
    },
    folders: () => {
      const paths = [...lists.keys(), ...texts.keys()];
      return [...new Set([...lists.keys(), ...paths.map((path) => dirname(path))])];
    },
    isCurrent: async () => (await same(lists, listNow)) && (await same(texts, readNow)),
  };
}

const UNREADABLE = 'unreadable';

function noting<T extends string | readonly string[] | undefined>(
  memory: Map<string, string>,
  path: string,
  look: () => T,
): T {
  memory.set(path, UNREADABLE);
  const content = look();
  memory.set(path, fingerprintOf(content));
  return content;
}

function fingerprintOf(content: string | readonly string[] | undefined): string {
  const text = content === undefined ? 'not a folder' : JSON.stringify(content);
  return createHash('sha256').update(text).digest('base64');
}

type LookNow = (path: string) => Promise<string | 'unknowable'>;

async function same(memory: ReadonlyMap<string, string>, now: LookNow): Promise<boolean> {
  for (const [path, fingerprint] of memory) {
    const found = await now(path);
    if (found !== fingerprint && found !== 'unknowable') return false;
  }
  return true;
}

async function listNow(path: string): Promise<string> {
  try {
    return fingerprintOf((await stat(path)).isDirectory() ? visible(await readdir(path)) : undefined);
  } catch {
    // Not an error here: that it cannot be read is what is compared.
    return UNREADABLE;
  }
}

async function readNow(path: string): Promise<string> {
  try {
    const found = await stat(path);
    // A pipe gives its content once, and asking again would wait for ever.
    if (!found.isFile() && !found.isDirectory()) return 'unknowable';
    return found.size > LIMITS.documentBytes ? UNREADABLE : fingerprintOf(await readFile(path, 'utf8'));
  } catch {
    // Not an error here: that it cannot be read is what is compared.
    return UNREADABLE;
  }
}
