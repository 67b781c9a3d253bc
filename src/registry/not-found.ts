// SPDX-License-Identifier: Apache-2.0
import { malformed } from './json.ts';
import { type Answer, discard } from './transport.ts';

/**
 * Whether the registry says that it does not have what was asked for. The body may be anything
 * (distribution specification, "Error Codes"), but a web page is not a registry speaking: it is the default
 * page of a proxy before it, and "no signature" must not be learned from that.
 *
 * @throws RESPONSE_MALFORMED
 */
export function isNotFound(answer: Answer, what: string): boolean {
  if (answer.status !== 404) return false;
  discard(answer);
  if (mediaTypeOf(answer) === 'text/html') {
    throw malformed(`${answer.url.host}: ${what}: the answer was 404 with a web page, not one of a registry`);
  }
  return true;
}

/** The media type of the Content-Type header, in lower case and without parameters; `''` where there is none. */
export function mediaTypeOf(answer: Answer): string {
  return (answer.header('content-type') ?? '').replace(/;.*$/, '').trim().toLowerCase();
}
