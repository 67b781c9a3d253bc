// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';
import { disk, type Files } from '../config/files.ts';
import { asCountersignError, type CountersignError } from '../errors.ts';
import { rememberFiles } from './file-memory.ts';
import { receiveFolderNotices } from './folder-notices.ts';

/** A value that is loaded again when a file it was made from changes. */
export type Watched<T> = {
  /** The value of the last load that succeeded. */
  current(): T;
  close(): void;
};

/** Told of each load after the first; must not throw. */
export type Reloads<T> = {
  loaded(value: T): void;
  /** {@link Watched.current} still gives the old value. Called once per broken content, not once per look. */
  failed(error: CountersignError): void;
};

/** How often to look though nobody called, and how long files must have stopped changing, in milliseconds. */
export type WatchTiming = { readonly pollMs: number; readonly settleMs: number };

const TIMING: WatchTiming = { pollMs: 2_000, settleMs: 100 };

/**
 * Loads a value now, and again whenever something that `load` read through `files` has other content. Throws
 * what the first load throws; a later load that throws leaves the old value in place.
 *
 * The operating system's notices only hasten the next look. What decides is the content, looked at every
 * `pollMs` too, because notices get lost on some file systems and when a watched folder is itself replaced. A
 * load counts only if the files still have the content it saw `settleMs` later: a half-written file, or files
 * from both sides of a swap of `..data`, are never used.
 */
export function watchFiles<T>(
  load: (files: Files) => T,
  reloads: Reloads<T>,
  timing: WatchTiming = TIMING,
): Watched<T> {
  let seen = rememberFiles(disk);
  let value = load(seen.files);
  let closed = false;

  /** Answers whether the files have settled. */
  async function look(): Promise<boolean> {
    if (await seen.isCurrent()) return true;
    const next = rememberFiles(disk);
    const attempt = tryTo(() => load(next.files));
    await wait(timing.settleMs, undefined, { ref: false });
    if (!(await next.isCurrent())) return false;
    if (closed) return true;
    seen = next;
    notices.follow(seen.folders());
    settle(attempt);
    return true;
  }

  function settle(attempt: Attempt<T>): void {
    if ('error' in attempt) {
      reloads.failed(attempt.error);
    } else {
      value = attempt.value;
      reloads.loaded(value);
    }
  }

  const looks = lookRegularly(look, timing);
  const notices = receiveFolderNotices(looks.hasten);
  notices.follow(seen.folders());
  return {
    current: () => value,
    close() {
      closed = true;
      looks.stop();
      notices.follow([]);
    },
  };
}

type Attempt<T> = { readonly value: T } | { readonly error: CountersignError };

function tryTo<T>(make: () => T): Attempt<T> {
  try {
    return { value: make() };
  } catch (error) {
    return { error: asCountersignError(error) };
  }
}

/** One look at a time; a notice brings the next one forward and never puts it off, so a busy folder starves nothing. */
function lookRegularly(look: () => Promise<boolean>, timing: WatchTiming): { hasten(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let hastened = false;
  let looking = false;
  let stopped = false;

  function schedule(milliseconds: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(run, milliseconds).unref();
  }

  async function run(): Promise<void> {
    hastened = false;
    looking = true;
    const settled = await look();
    looking = false;
    schedule(settled && !hastened ? timing.pollMs : timing.settleMs);
  }

  schedule(timing.pollMs);
  return {
    hasten() {
      if (hastened) return;
      hastened = true;
      if (!looking) schedule(timing.settleMs);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
