// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';

const LONGEST_HOST = 261; // a name of 255 characters, and a port

/**
 * A URL from a header of a server, without its fragment; `undefined` where it is none, or longer than any that a
 * registry needs (hosts end up in messages).
 */
export function parseServerUrl(text: string | undefined, base?: URL): URL | undefined {
  if (text === undefined || text.length > LIMITS.urlLength) return undefined;
  const url = URL.parse(text, base?.href);
  if (url === null || url.host.length > LONGEST_HOST || url.protocol.length > LONGEST_HOST) return undefined;
  url.hash = '';
  return url;
}
