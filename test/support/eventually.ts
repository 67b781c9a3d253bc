// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits until `holds` answers true, looking every `everyMs`; throws when that takes longer than `withinMs`. The bound only
 * ends what would never hold: what a busy machine takes for it is no failure.
 */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
  everyMs = 5,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(everyMs);
  }
}
