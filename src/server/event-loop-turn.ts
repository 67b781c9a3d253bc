// SPDX-License-Identifier: Apache-2.0

let turn: Promise<void> | undefined;

/**
 * Lets what else came in with this turn of the event loop be read first: then all of it is judged in one go. A
 * stage that runs for many reviews in a row finds its code and data in the processor's caches, which is worth
 * more than the stage itself takes; one that runs alone waits for nothing. For this the stages are awaited,
 * by the review handler and in `evaluate.ts`, also where what they give is at hand.
 */
export function together(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
