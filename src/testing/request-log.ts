// SPDX-License-Identifier: Apache-2.0
import type { IncomingHttpHeaders } from 'node:http';
import type { TestRequestKind } from './route.ts';

/** One request that reached the registry. The credential itself is not kept. */
export type LoggedRequest = {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly kind: TestRequestKind;
  /** The status answered; 0 until then, and for good where a fault hung or cut the connection first. */
  readonly status: number;
  /** When it arrived, on the clock of `performance.now()`. */
  readonly at: number;
  /** When its answer was sent or its connection closed; `undefined` while under way. */
  readonly endedAt: number | undefined;
  readonly authorization: 'none' | 'basic' | 'bearer';
  /** The Host header. */
  readonly host: string;
};

/** The entry while its request is under way. */
export type OpenEntry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] };

export function openEntry(
  method: string,
  path: string,
  kind: TestRequestKind,
  headers: IncomingHttpHeaders,
): OpenEntry {
  return {
    method,
    path,
    kind,
    status: 0,
    at: performance.now(),
    endedAt: undefined,
    authorization: authorizationOf(headers),
    host: headers.host ?? '',
  };
}

function authorizationOf({ authorization }: IncomingHttpHeaders): LoggedRequest['authorization'] {
  if (!authorization) return 'none';
  return /^bearer /i.test(authorization) ? 'bearer' : 'basic';
}
