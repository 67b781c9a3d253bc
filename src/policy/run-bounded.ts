// SPDX-License-Identifier: Apache-2.0
import { cpuUsage } from 'node:process';
import { type Context, createContext, Script } from 'node:vm';

/*
 * A synchronous call can be ended from outside by nothing but the engine itself. `node:vm` can ask it to: the bound
 * holds for whatever runs below the script, so also for a function of ours that the script calls. No `finally` on the
 * way runs when it strikes.
 */
const CALL = new Script('work()');

let room: Context | undefined;

/** That a call did not end in time. */
export const OUT_OF_TIME = Symbol('out of time');

/**
 * The result of the function, or {@link OUT_OF_TIME} after `ms` milliseconds; what it throws is passed on. Costs some
 * 0.1 ms. Not to be called from within itself.
 *
 * The clock runs on where the machine gives this thread no processor: a container past its limit stands still for tenths of
 * seconds. What was ended before it had worked for half of its time is called once more, so it has to be pure.
 */
export function runBounded<T>(work: () => T, ms: number): T | typeof OUT_OF_TIME {
  const before = workedMs();
  const result = runOnce(work, ms);
  const starved = result === OUT_OF_TIME && workedMs() - before < ms / 2;
  return starved ? runOnce(work, ms) : result;
}

/** How long this process has had a processor: while the call runs that is this thread, and what V8 does beside it. */
function workedMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

function runOnce<T>(work: () => T, ms: number): T | typeof OUT_OF_TIME {
  room ??= createContext({ work: undefined }, { codeGeneration: { strings: false, wasm: false } });
  room['work'] = work;
  try {
    return CALL.runInContext(room, { timeout: ms });
  } catch (error) {
    if (isTimeout(error)) return OUT_OF_TIME;
    throw error;
  } finally {
    room['work'] = undefined;
  }
}

/** The error is one of the other context, so it is known by its code alone. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
