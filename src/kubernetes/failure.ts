// SPDX-License-Identifier: Apache-2.0
import { type Code, CountersignError } from '../errors.ts';
import type { JsonObject } from '../json-object.ts';

/** An answer of the API server that is no success: its HTTP status is what a watch looks at. */
export class StatusError extends CountersignError {
  readonly status: number;

  constructor(code: Code, message: string, status: number) {
    super(code, message);
    this.status = status;
  }
}

/** A version that the server no longer remembers: everything has to be listed again. */
export const GONE = 410;

const CODE_OF: Readonly<Record<number, Code>> = {
  401: 'KUBERNETES_FORBIDDEN',
  403: 'KUBERNETES_FORBIDDEN',
  409: 'KUBERNETES_CONFLICT',
};

/**
 * The error for a status. Of the answer only its `reason` is kept, a word from a fixed list: messages of the
 * API server quote values, and those of a Secret are secret.
 */
export function failureOf(status: number, answer: JsonObject, what: string): StatusError {
  const { reason } = answer;
  const word = typeof reason === 'string' && /^[A-Za-z]{1,64}$/.test(reason) ? ` ${reason}` : '';
  return new StatusError(CODE_OF[status] ?? 'KUBERNETES_ERROR', `${what}: HTTP ${status}${word}`, status);
}

/** An error of connection, TLS or transmission as one with a code; an abort is what its signal says. */
export function asUnreachable(error: unknown, what: string, signal: AbortSignal): CountersignError {
  if (error instanceof CountersignError) return error;
  if (signal.aborted) {
    const { reason } = signal;
    return reason instanceof CountersignError ? reason : new CountersignError('CANCELLED', `${what}: ended`);
  }
  return new CountersignError('KUBERNETES_UNREACHABLE', `${what}: ${nameOf(error)}`, { cause: error });
}

/** Ends what is still under way on connections whose authority is no longer that of the access. */
export class Replaced extends Error {
  readonly code = 'ERR_REPLACED';
}

/** Whether we ended it ourselves, because a body had no byte for too long or its connection was replaced: of a watch, no failure. */
export function isOurEnd(error: unknown): boolean {
  return error instanceof Replaced || codeOf(error) === 'UND_ERR_BODY_TIMEOUT';
}

/** Whether the other side closed a connection that it had kept. */
export function isLostConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

/** The codes of Node, OpenSSL and undici say enough, and quote nothing. */
function nameOf(error: unknown): string {
  const code = codeOf(error);
  return code === '' ? 'the connection failed' : code;
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
