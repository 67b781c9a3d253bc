// SPDX-License-Identifier: Apache-2.0

/** Between two lines that say the same: often enough to be seen, and no flood of calls becomes one of lines. */
const EVERY_MS = 60_000;

/**
 * Has something said that may happen any number of times: at once, and then at most once in `everyMs`, with how often
 * it has happened since it was last said, and what was the matter the latest time.
 */
export function createNotice<Matter>(
  say: (count: number, latest: Matter) => void,
  everyMs: number = EVERY_MS,
): (matter: Matter) => void {
  let count = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  return (matter) => {
    count += 1;
    const now = performance.now();
    if (now - saidAt < everyMs) return;
    say(count, matter);
    count = 0;
    saidAt = now;
  };
}
