// SPDX-License-Identifier: Apache-2.0
import { errors } from 'undici';
import { type Code, CountersignError } from '../errors.ts';

/** A failure that another attempt may mend: the connection broke, 429, 5xx. */
export class PassingFailure extends CountersignError {
  /** What the server asked to wait, if it did. */
  readonly waitMs: number | undefined;

  constructor(
    code: Code,
    message: string,
    options: ErrorOptions & { readonly waitMs?: number | undefined } = {},
  ) {
    super(code, message, options);
    this.waitMs = options.waitMs;
  }
}

type Row = { readonly code: Code; readonly passing: boolean; readonly what: string };

const NOT_HTTP = 'not HTTP';
const LONGEST_TEXT = 200;

/** What Node, OpenSSL and undici call their errors, and what it means. */
const FAILURES: Readonly<Record<string, Row>> = {
  ECONNREFUSED: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'connection refused' },
  ECONNRESET: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'connection reset' },
  EPIPE: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'connection closed' },
  ETIMEDOUT: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'no connection in time' },
  EHOSTUNREACH: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'no route to the host' },
  ENETUNREACH: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'no route to the network' },
  ENOTFOUND: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'no such host name' },
  EAI_AGAIN: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'the name server did not answer' },
  UND_ERR_CONNECT_TIMEOUT: { code: 'REGISTRY_UNREACHABLE', passing: true, what: 'no connection in time' },
  UND_ERR_SOCKET: {
    code: 'REGISTRY_UNREACHABLE',
    passing: true,
    what: 'the other side closed the connection',
  },
  UND_ERR_HEADERS_TIMEOUT: { code: 'DEADLINE_EXCEEDED', passing: true, what: 'connected, and no answer' },
  UND_ERR_BODY_TIMEOUT: { code: 'DEADLINE_EXCEEDED', passing: true, what: 'the answer stopped half-way' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: {
    code: 'RESPONSE_MALFORMED',
    passing: false,
    what: 'the answer contradicts its Content-Length',
  },
  UND_ERR_HEADERS_OVERFLOW: { code: 'LIMIT_EXCEEDED', passing: false, what: 'a header block over the limit' },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: {
    code: 'REGISTRY_UNREACHABLE',
    passing: false,
    what: 'the other side wants a client certificate, and the Config has none for it',
  },
  UND_ERR_DESTROYED: { code: 'CANCELLED', passing: false, what: 'the client was closed' },
  UND_ERR_CLOSED: { code: 'CANCELLED', passing: false, what: 'the client was closed' },
};

/** How bodies end early: less than Content-Length, no last chunk, or a closed connection. */
const TRUNCATIONS: ReadonlySet<string> = new Set([
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  NOT_HTTP,
  'UND_ERR_SOCKET',
]);

/** The error of a request as one with a code; `host` is what the message names, never a path or query. */
export function asRequestFailure(error: unknown, host: string): CountersignError {
  if (error instanceof CountersignError) return error;
  const name = nameOf(error);
  const row = FAILURES[name];
  if (row === undefined) return unknownFailure(error, name, host);
  const message = `${host}: ${row.what}`;
  return row.passing
    ? new PassingFailure(row.code, message, { cause: error })
    : new CountersignError(row.code, message, { cause: error });
}

/** The error of reading a body as one with a code. */
export function asBodyFailure(error: unknown, host: string): CountersignError {
  if (!TRUNCATIONS.has(nameOf(error))) return asRequestFailure(error, host);
  return new PassingFailure('DIGEST_MISMATCH', `${host}: the answer was cut off`, { cause: error });
}

/** HTTP that cannot be parsed is malformed; what remains are errors of TLS, which another attempt does not mend. */
function unknownFailure(error: unknown, name: string, host: string): CountersignError {
  if (name === NOT_HTTP) {
    return new CountersignError('RESPONSE_MALFORMED', `${host}: the answer is not HTTP/1.1`, {
      cause: error,
    });
  }
  const worded = error instanceof Error && !name.startsWith('ERR_SSL_');
  // A message about a certificate may quote it, and it is the server's.
  const text = worded ? error.message.replace(/\s+/g, ' ').slice(0, LONGEST_TEXT) : `TLS failed (${name})`;
  return new CountersignError('REGISTRY_UNREACHABLE', `${host}: ${text}`, { cause: error });
}

/** The code of an error; parser errors have many or none, and only the class in common. */
function nameOf(error: unknown): string {
  if (error instanceof errors.HTTPParserError) return NOT_HTTP;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
