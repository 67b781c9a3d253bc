// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from putting new objects into the old generation at once where earlier ones of the same place in the code
 * lived long ("allocation site pretenuring"). The reviews that wait in one collection make it believe that of what
 * lives for one review; from then on, dead objects there keep whole reviews alive until the next full collection,
 * and each small collection takes 7 ms instead of 1. For a process of our own only: it holds for all that runs in it.
 */
export function tuneHeap(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}
