// SPDX-License-Identifier: Apache-2.0

import { LRUCache } from 'lru-cache';
import { asCountersignError, CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { lruBounds } from '../lru-bounds.ts';
import type { Exchange } from '../registry/index.ts';
import { createOriginLines, tenant } from '../sharing/index.ts';

/** What came of reading: a value (`undefined`: there is none), or why that is not known. */
export type Read<T> = { readonly value: T | undefined; readonly error?: CountersignError };

/** For whom it is read, and how long. */
export type Reader = Pick<Exchange, 'signal' | 'wait'>;

/** What is read, and in which namespace it is: in whose line it waits. */
export type ReadPlace = { readonly path: string; readonly namespace: string };

/** Gives what was read: at once where it is remembered. Never throws. */
export type ReadMemory<T> = (place: ReadPlace, reader: Reader) => Read<T> | Promise<Read<T>>;

type Kept<T> = { readonly read: Read<T>; readonly at: number; readonly believedMs: number };

/**
 * Remembers what was read of the API server, beside the request path: what is no longer fresh is given out and read again
 * in the background. What many want at once is read once, within {@link LIMITS}.pullSecretReadMs, {@link LIMITS}.pullSecretReads at a
 * time, the namespaces in turn: each is parsed, and that takes the time of all. A failure is
 * not remembered; that there is nothing is, but briefly, and so is that we may not read it.
 */
export function createReadMemory<T extends object>(
  read: (path: string, signal: AbortSignal) => Promise<T | undefined>,
  sizeOf: (value: T) => number,
): ReadMemory<T> {
  const bounds = {
    entries: LIMITS.pullSecretFacts,
    bytes: LIMITS.pullSecretFactsBytes,
    sizeOf: ({ read: { value } }: Kept<T>, key: string) =>
      LIMITS.factOverheadBytes + key.length + (value === undefined ? 0 : sizeOf(value)),
  };
  const kept = new LRUCache<string, Kept<T>>(lruBounds(bounds));
  const underway = new Map<string, Promise<Read<T>>>();
  const lines = createOriginLines(LIMITS.pullSecretReads);

  return (place, reader) => {
    const known = kept.get(place.path);
    const age = known === undefined ? 0 : performance.now() - known.at;
    if (known === undefined || age >= known.believedMs) return waitFor(place, reader);
    // Nobody waits for it, and it never rejects.
    if (age >= LIMITS.pullSecretFreshMs) flight(place);
    return known.read;
  };

  async function waitFor(place: ReadPlace, reader: Reader): Promise<Read<T>> {
    const join = () => orGone(() => flight(place), reader.signal);
    try {
      return reader.wait === undefined ? await join() : await reader.wait(join);
    } catch (error) {
      return { value: undefined, error: asCountersignError(error) };
    }
  }

  function flight(place: ReadPlace): Promise<Read<T>> {
    const running = underway.get(place.path);
    if (running !== undefined) return running;
    const started = begin(place);
    underway.set(place.path, started);
    return started;
  }

  async function begin({ path, namespace }: ReadPlace): Promise<Read<T>> {
    const nobodyWaitsLonger = AbortSignal.timeout(LIMITS.reviewTimeoutMs.most);
    let leave = () => {};
    try {
      leave = await lines.enter('', tenant(namespace), nobodyWaitsLonger);
      const value = await read(path, AbortSignal.timeout(LIMITS.pullSecretReadMs));
      return keep(path, { value }, value === undefined ? LIMITS.recheckMs : LIMITS.pullSecretMs);
    } catch (cause) {
      const error = asCountersignError(cause);
      const failed = { value: undefined, error };
      // Rights change rarely, and in a namespace without them each review would ask.
      return error.code === 'KUBERNETES_FORBIDDEN' ? keep(path, failed, LIMITS.recheckMs) : failed;
    } finally {
      leave();
      underway.delete(path);
    }
  }

  function keep(path: string, found: Read<T>, believedMs: number): Read<T> {
    kept.set(path, { read: found, at: performance.now(), believedMs });
    return found;
  }
}

/** Whoever has to go leaves the others waiting; whoever is gone already begins nothing. */
function orGone<T>(flight: () => Promise<Read<T>>, signal: AbortSignal): Promise<Read<T>> {
  return new Promise((resolve) => {
    const error = new CountersignError('DEADLINE_EXCEEDED', 'not read in time');
    const leave = () => resolve({ value: undefined, error });
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    flight().then((read) => {
      signal.removeEventListener('abort', leave);
      resolve(read);
    });
  });
}
