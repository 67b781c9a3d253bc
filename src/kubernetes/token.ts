// SPDX-License-Identifier: Apache-2.0
import type { Files } from '../config/files.ts';
import { CountersignError } from '../errors.ts';

/** Gives the bearer token for the next request; `fresh` after the server refused the last one. */
export type TokenSource = (fresh: boolean) => string;

/** Tokens of ServiceAccounts live an hour and are replaced on disk after 48 minutes: reading each minute is soon enough. */
const REREAD_MS = 60_000;

/** A header takes no line ends, and a token has no blanks. */
const FORM = /^[\x21-\x7e]{1,65536}$/;

/**
 * The token of a file, read again each minute and when it was refused. A file that cannot be read any more leaves
 * the last token in use: the server says whether it still holds.
 *
 * @throws CountersignError FILE_UNREADABLE, KUBECONFIG_INVALID: at the start there is no last one
 */
export function tokenOfFile(file: string, files: Files): TokenSource {
  let token = checkToken(files.read(file), file);
  let readAt = performance.now();
  return (fresh) => {
    if (fresh || performance.now() - readAt >= REREAD_MS) {
      readAt = performance.now();
      token = readAgain(file, files) ?? token;
    }
    return token;
  };
}

/**
 * A token as it is written in `place`, without the blanks around it.
 *
 * @throws CountersignError KUBECONFIG_INVALID, without a piece of it
 */
export function checkToken(text: string, place: string): string {
  const token = text.trim();
  if (!FORM.test(token)) throw new CountersignError('KUBECONFIG_INVALID', `${place}: holds no bearer token`);
  return token;
}

function readAgain(file: string, files: Files): string | undefined {
  try {
    return checkToken(files.read(file), file);
  } catch {
    // In the middle of a swap, or gone: the next minute looks again.
    return undefined;
  }
}
