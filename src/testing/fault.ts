// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestRequestKind } from './route.ts';

/** Which requests a fault meets; what is left out matches everything. */
export type FaultMatch = {
  readonly kind?: TestRequestKind;
  readonly method?: string;
  /** Against path and query: a string must be part of it. */
  readonly path?: string | RegExp;
};

/** What goes wrong. */
export type FaultEffect =
  /** The answer comes late, or when the fault is removed. Adds to any other fault. */
  | { readonly kind: 'latency'; readonly milliseconds: number }
  /** An error of the spec's form instead of the answer, before any authorization. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string | number }
  /** The connection stays open and nothing is ever sent. */
  | { readonly kind: 'hang' }
  /** The connection is cut without an answer. */
  | { readonly kind: 'reset' }
  /** The answer's Content-Length is kept, but only the first `bytes` (default: half) are sent, then the connection is cut. */
  | { readonly kind: 'truncate'; readonly bytes?: number }
  /** As many bytes, but not the same: the digest is wrong. */
  | { readonly kind: 'wrong-bytes' }
  /** A body of so many bytes, made while it is sent; `declared: false` leaves Content-Length out. */
  | { readonly kind: 'oversize'; readonly bytes: number; readonly declared?: boolean }
  /** Another body, as `text/html` and with status 200 unless said otherwise. */
  | {
      readonly kind: 'body';
      readonly body: string | Uint8Array;
      readonly contentType?: string;
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Headers set, or taken away where `undefined`. Adds to any other fault. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string | undefined>> }
  /** A redirect: to a URL, to the same path of another registry, or (`loop`) to the very same URL. */
  | {
      readonly kind: 'redirect';
      readonly to: string | { readonly url: string };
      readonly status?: 301 | 302 | 303 | 307 | 308;
    };

/** A fault ordered from the registry. */
export type Fault = FaultEffect & {
  readonly match?: FaultMatch;
  /** How often it happens. Default: until removed. */
  readonly times?: number;
};

/** A fault that was ordered: how often it happened, and the way to end it. */
export type OrderedFault = {
  readonly hits: number;
  remove(): void;
};

type Effect<K extends FaultEffect['kind']> = Extract<FaultEffect, { readonly kind: K }>;

/** The faults that meet one request. */
export type Faults = {
  /** Ends after the sum of all latencies, of each that is removed at once; rejects when the client has gone. */
  holdBack(gone: AbortSignal): Promise<void>;
  /** Instead of the registry's own answer. */
  readonly instead: Effect<'status' | 'hang' | 'reset'> | undefined;
  /** What happens to the answer of a request that authorization let through. */
  takeChange(): Exclude<FaultEffect, Effect<'latency' | 'status' | 'hang' | 'reset' | 'headers'>> | undefined;
  takeHeaders(): Readonly<Record<string, string | undefined>>;
};

export type FaultBook = {
  order(fault: Fault): OrderedFault;
  clear(): void;
  meet(request: { readonly kind: TestRequestKind; readonly method: string; readonly path: string }): Faults;
};

const INSTEAD = ['status', 'hang', 'reset'] as const;
const CHANGE = ['truncate', 'wrong-bytes', 'oversize', 'body', 'redirect'] as const;

type Entry = { readonly fault: Fault; hits: number; readonly removal: AbortController };

/** The faults ordered, oldest first: of those that exclude each other the oldest that still has turns happens. */
export function createFaultBook(): FaultBook {
  const entries = new Set<Entry>();
  const remove = (entry: Entry) => {
    entries.delete(entry);
    entry.removal.abort();
  };
  return {
    order(fault) {
      const entry = { fault, hits: 0, removal: new AbortController() };
      entries.add(entry);
      return {
        get hits() {
          return entry.hits;
        },
        remove: () => remove(entry),
      };
    },
    clear: () => entries.forEach(remove),
    meet(request) {
      const open = [...entries].filter(
        ({ fault, hits }) =>
          hits < (fault.times ?? Number.POSITIVE_INFINITY) && matches(fault.match, request),
      );
      const late = takeAll(open, 'latency');
      return {
        holdBack: async (gone) => {
          for (const entry of late) await holdBack(entry, gone);
        },
        instead: takeFirst(open, INSTEAD),
        takeChange: () => takeFirst(open, CHANGE),
        takeHeaders: () => Object.assign({}, ...takeAll(open, 'headers').map(({ fault }) => fault.headers)),
      };
    },
  };
}

function takeFirst<K extends FaultEffect['kind']>(
  open: readonly Entry[],
  kinds: readonly K[],
): Effect<K> | undefined {
  const entry = open.find(({ fault }) => (kinds as readonly string[]).includes(fault.kind));
  if (!entry) return undefined;
  entry.hits += 1;
  return entry.fault as Effect<K>;
}

type EntryOf<K extends FaultEffect['kind']> = Entry & { readonly fault: Effect<K> };

function takeAll<K extends FaultEffect['kind']>(open: readonly Entry[], kind: K): EntryOf<K>[] {
  const taken = open.filter((entry): entry is EntryOf<K> => entry.fault.kind === kind);
  for (const entry of taken) entry.hits += 1;
  return taken;
}

async function holdBack({ fault, removal }: EntryOf<'latency'>, gone: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([gone, removal.signal]);
  await sleep(fault.milliseconds, undefined, { signal }).catch(() => gone.throwIfAborted());
}

function matches(
  match: FaultMatch | undefined,
  request: { readonly kind: TestRequestKind; readonly method: string; readonly path: string },
): boolean {
  if (match?.kind && match.kind !== request.kind) return false;
  if (match?.method && match.method !== request.method) return false;
  if (match?.path === undefined) return true;
  return typeof match.path === 'string' ? request.path.includes(match.path) : match.path.test(request.path);
}
