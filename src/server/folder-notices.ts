// SPDX-License-Identifier: Apache-2.0
import { type FSWatcher, watch } from 'node:fs';

/** The operating system's word that something in a folder changed: quick, but neither complete nor reliable. */
export type FolderNotices = {
  /** From now on these folders, and no others. */
  follow(folders: readonly string[]): void;
};

/** Calls `changed` when something changes in a followed folder. Never keeps the process alive, never throws. */
export function receiveFolderNotices(changed: () => void): FolderNotices {
  const watchers = new Map<string, FSWatcher>();

  function add(folder: string): void {
    const watcher = watchFolder(folder, changed);
    if (watcher === undefined) return;
    watchers.set(folder, watcher);
    watcher.on('error', () => drop(folder, watcher));
  }

  function drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    watchers.delete(folder);
  }

  return {
    follow(folders) {
      for (const [folder, watcher] of watchers) {
        if (!folders.includes(folder)) drop(folder, watcher);
      }
      for (const folder of folders) {
        if (!watchers.has(folder)) add(folder);
      }
    },
  };
}

function watchFolder(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, changed);
  } catch {
    // No such folder, or no watches left on this machine: the regular look finds the change, only later.
    return undefined;
  }
}
