// SPDX-License-Identifier: Apache-2.0
import type { Files } from '../config/files.ts';
import { CountersignError } from '../errors.ts';
import { mountedText, type TextSource } from './mounted-text.ts';

/** A header takes no line ends, and a token has no blanks. */
const FORM = /^[\x21-\x7e]{1,65536}$/;

/**
 * The bearer token of a file, as long as it holds: see {@link mountedText}.
 *
 * @throws CountersignError FILE_UNREADABLE, KUBECONFIG_INVALID
 */
export function tokenOfFile(file: string, files: Files): TextSource {
  return mountedText(file, files, (text) => checkToken(text, file));
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
