// SPDX-License-Identifier: Apache-2.0
import { LRUCache } from 'lru-cache';
import { asCountersignError, CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange } from '../registry/index.ts';

/** What came of reading: a value (`undefined`: there is none), or why that is not known. */
export type Read<T> = { readonly value: T | undefined; readonly error?: CountersignError };

/** For whom it is read, and how long. */
export type Reader = Pick<Exchange, 'signal' | 'wait'>;

/** Gives what was read: at once where it is remembered. Never throws. */
export type ReadMemory<T> = (key: string, reader: Reader) => Read<T> | Promise<Read<T>>;

type Kept<T> = { readonly read: Read<T>; readonly at: number; readonly believedMs: number };

/**
 * Remembers what was read of the API server, beside the request path: what is no longer fresh is given out and read again
 * in the background. What many want at once is read once, within {@link LIMITS}.pullSecretReadMs. A failure is
 * not remembered; that there is nothing is, but briefly, and so is that we may not read it.
 */
export function createReadMemory<T extends object>(
  read: (key: string, signal: AbortSignal) => Promise<T | undefined>,
  sizeOf: (value: T) => number,
): ReadMemory<T> {
  const kept = new LRUCache<string, Kept<T>>({
    max: LIMITS.pullSecretFacts,
    maxSize: LIMITS.pullSecretFactsBytes,
    sizeCalculation: ({ read: { value } }, key) =>
      LIMITS.factOverheadBytes + key.length + (value === undefined ? 0 : sizeOf(value)),
  });
  const underway = new Map<string, Promise<Read<T>>>();

  return (key, reader) => {
    const known = kept.get(key);
    const age = known === undefined ? 0 : performance.now() - known.at;
    if (known === undefined || age >= known.believedMs) return waitFor(key, reader);
    // Nobody waits for it, and it never rejects.
    if (age >= LIMITS.pullSecretFreshMs) flight(key);
    return known.read;
  };

  async function waitFor(key: string, reader: Reader): Promise<Read<T>> {
    const join = () => orGone(flight(key), reader.signal);
    try {
      return reader.wait === undefined ? await join() : await reader.wait(join);
    } catch (error) {
      return { value: undefined, error: asCountersignError(error) };
    }
  }

  function flight(key: string): Promise<Read<T>> {
    const running = underway.get(key);
    if (running !== undefined) return running;
    const started = begin(key);
    underway.set(key, started);
    return started;
  }

  async function begin(key: string): Promise<Read<T>> {
    try {
      const value = await read(key, AbortSignal.timeout(LIMITS.pullSecretReadMs));
      return keep(key, { value }, value === undefined ? LIMITS.recheckMs : LIMITS.pullSecretMs);
    } catch (cause) {
      const error = asCountersignError(cause);
      const failed = { value: undefined, error };
      // Rights change rarely, and in a namespace without them each review would ask.
      return error.code === 'KUBERNETES_FORBIDDEN' ? keep(key, failed, LIMITS.recheckMs) : failed;
    } finally {
      underway.delete(key);
    }
  }

  function keep(key: string, found: Read<T>, believedMs: number): Read<T> {
    kept.set(key, { read: found, at: performance.now(), believedMs });
    return found;
  }
}

/** Whoever has to go leaves the others waiting. */
function orGone<T>(flight: Promise<Read<T>>, signal: AbortSignal): Promise<Read<T>> {
  return new Promise((resolve) => {
    const error = new CountersignError('DEADLINE_EXCEEDED', 'not read in time');
    const leave = () => resolve({ value: undefined, error });
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    flight.then((read) => {
      signal.removeEventListener('abort', leave);
      resolve(read);
    });
  });
}
