// SPDX-License-Identifier: Apache-2.0
import type { Files } from '../config/files.ts';

/** Gives what a file says, for the next request; `fresh` after one with what was given last did not work. */
export type TextSource = (fresh: boolean) => string;

/**
 * What the kubelet mounts it also replaces, while the old still holds: tokens of ServiceAccounts live an hour and are
 * replaced after 48 minutes, an authority is beside the next one for longer. Reading each minute is soon enough.
 */
const REREAD_MS = 60_000;

/**
 * What `parse` makes of a file, read again each minute and when it did not work. A file that cannot be read any more
 * leaves the last text in use: the server says whether it still holds.
 *
 * @throws what `parse` throws, and FILE_UNREADABLE: at the start there is no last one
 */
export function mountedText(file: string, files: Files, parse: (text: string) => string): TextSource {
  let text = parse(files.read(file));
  let readAt = performance.now();

  function readAgain(): string | undefined {
    try {
      return parse(files.read(file));
    } catch {
      // In the middle of a swap, or gone: the next minute looks again.
      return undefined;
    }
  }

  return (fresh) => {
    if (fresh || performance.now() - readAt >= REREAD_MS) {
      readAt = performance.now();
      text = readAgain() ?? text;
    }
    return text;
  };
}
