// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';
import { LIMITS } from '../limits.ts';

/**
 * Sets V8 up for a server that lives for days. For a process of our own only: it holds for all that runs in it.
 *
 * It no longer puts new objects into the old generation at once where earlier ones of the same place in the code
 * lived long ("allocation site pretenuring"). The reviews that wait in one collection make it believe that of what
 * lives for one review; from then on, dead objects there keep whole reviews alive until the next full collection,
 * and each small collection takes 7 ms instead of 1.
 *
 * And it compiles with one optimizing compiler instead of two: the code of the one in the middle (Maglev) and what
 * it is made of cost 12 MB, and a review that is answered a thousand times a second is soon past it.
 *
 * And it collects what is short-lived with one thread: that takes less than a millisecond, and several threads spend much
 * of it waiting for each other.
 */
export function tuneHeap(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--no-maglev');
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Has names looked up by {@link LIMITS}.lookups threads at a time: of 4, as many as there are otherwise, 2 do it. Read when the
 * first thread is needed, so it is to be called before anything is asked, with the environment of the process; what that says already counts.
 */
export function tuneThreads(env: { [name: string]: string | undefined }): void {
  env['UV_THREADPOOL_SIZE'] ??= String(2 * LIMITS.lookups);
}
