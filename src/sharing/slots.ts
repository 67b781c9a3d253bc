// SPDX-License-Identifier: Apache-2.0

/** Runs tasks, at most `size` at a time, in the order they were given; a task's failure is its own. */
export type Slots = <T>(task: () => Promise<T>) => Promise<T>;

/** Free slots for the requests of one image, so that one image cannot occupy the client. */
export function createSlots(size: number): Slots {
  let free = size;
  const queue: (() => void)[] = [];

  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
