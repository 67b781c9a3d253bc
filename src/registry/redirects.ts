// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { RequestKind, Scope } from './exchange.ts';
import { malformed } from './json.ts';
import type { Reach } from './reach.ts';
import { type Answer, discard, type Transport } from './transport.ts';
import { parseServerUrl } from './url.ts';

/** A request on behalf of a registry, which may be sent on elsewhere. */
export type Errand = {
  readonly registry: string;
  readonly kind: RequestKind;
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  readonly accept: string;
  /** Sent to the origin of `url`, and never after a redirect has left it. */
  readonly authorization?: string | undefined;
};

/** Where the answer came from: `left` once a redirect went to another origin, even if one came back. */
export type Arrival = { readonly answer: Answer; readonly left: boolean };

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends the request and follows redirects, each hop past the same guard as the first. The Authorization header
 * stays with its origin (scheme, host and port), TLS is never given up, and neither circles nor more than
 * {@link LIMITS}.redirects hops are followed.
 *
 * @throws REDIRECT_FORBIDDEN, PLAIN_HTTP_FORBIDDEN, ADDRESS_FORBIDDEN, and the codes of the transport
 */
export async function followRedirects(
  errand: Errand,
  { reach, transport }: { readonly reach: Reach; readonly transport: Transport },
  scope: Scope,
): Promise<Arrival> {
  const seen = new Set<string>();
  let url = errand.url;
  let left = false;
  for (let hops = 0; hops <= LIMITS.redirects; hops++) {
    reach.checkUrl(url, errand.registry);
    seen.add(url.href);
    scope.count(errand.kind);
    const answer = await transport.send(
      { method: errand.method, url, headers: headersOf(errand, left) },
      scope,
    );
    if (!REDIRECTS.has(answer.status)) return { answer, left };
    discard(answer);
    url = nextHop(answer, seen);
    left ||= url.origin !== errand.url.origin;
  }
  throw forbidden(errand.url, `more than ${LIMITS.redirects} redirects`);
}

function headersOf({ accept, authorization }: Errand, left: boolean): Record<string, string> {
  return authorization === undefined || left ? { accept } : { accept, authorization };
}

// Attacker input: the Location header. Messages name hosts only, since the query of a signed URL is a secret.
function nextHop(answer: Answer, seen: ReadonlySet<string>): URL {
  const next = parseServerUrl(answer.header('location'), answer.url);
  if (next === undefined) throw malformed(`${answer.url.host}: a redirect that leads nowhere`);
  if (answer.url.protocol === 'https:' && next.protocol !== 'https:') {
    throw forbidden(answer.url, `a redirect from https to ${next.protocol}//${next.host}`);
  }
  if (seen.has(next.href)) throw forbidden(answer.url, `redirects in a circle, back to ${next.host}`);
  return next;
}

function forbidden(url: URL, what: string): CountersignError {
  return new CountersignError('REDIRECT_FORBIDDEN', `${url.host}: ${what}`);
}
