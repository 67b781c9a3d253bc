// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';

/** A program that runs beside the test, with all that it printed. */
export type RunningProgram = {
  readonly name: string;
  readonly isRunning: () => boolean;
  /** What it wrote to stdout and stderr so far. */
  readonly output: () => string;
  /** Asks it to end, or ends it at once with SIGKILL; resolves when it has ended. After 20 s it is ended at once. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
};

type Start = {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
};

const running = new Set<ChildProcess>();

/**
 * Starts a program; its output is appended to the log file. However this process ends, the kernel ends the program with it: a test
 * runner that runs out of patience gives no time for that.
 */
export function startProgram({ name, command, logFile, env }: Start): RunningProgram {
  const log = openSync(logFile, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['ignore', log, log],
    env: env ?? { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  closeSync(log);
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  ended.then(() => running.delete(child));
  return {
    name,
    isRunning: () => running.has(child),
    output: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
    async stop(signal = 'SIGTERM') {
      if (!running.has(child)) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
