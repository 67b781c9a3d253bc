// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { readable } from './unreadable.ts';

/** What loading documents needs of the file system; the server's watcher passes one that remembers what was read. */
export type Files = {
  /**
   * The names in a directory, sorted, hidden ones left out (of a mounted ConfigMap that hides `..data` and its
   * target); `undefined` where `path` is not a directory. Throws FILE_UNREADABLE.
   */
  list(path: string): readonly string[] | undefined;
  /** The text of a file of at most `LIMITS.documentBytes`. Throws FILE_UNREADABLE. */
  read(path: string): string;
};

/** The file system itself. */
export const disk: Files = {
  list(path) {
    return readable(path, () => (statSync(path).isDirectory() ? visible(readdirSync(path)) : undefined));
  },
  read(path) {
    return readable(path, () => readBounded(path).toString('utf8'));
  },
};

/** The names that are not hidden, in an order that does not depend on the file system. */
export function visible(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** Reads as it goes rather than by the size of the file, so that a pipe (`--policy <(…)`) works and is bounded too. */
function readBounded(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; ; ) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const count = readSync(descriptor, chunk);
      if (count === 0) return Buffer.concat(chunks);
      total += count;
      if (total > LIMITS.documentBytes) throw tooLarge(path);
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

function tooLarge(path: string): CountersignError {
  return new CountersignError(
    'FILE_UNREADABLE',
    `cannot read ${path}: larger than ${LIMITS.documentBytes} bytes`,
  );
}
