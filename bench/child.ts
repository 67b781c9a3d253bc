// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A process of our own that is measured from outside. */
export type Child = {
  /** Milliseconds of CPU so far; `undefined` where the system does not say (it needs Linux). */
  cpuMs(): number | undefined;
  /** Bytes in memory now, and at most so far; `undefined` where the system does not say (it needs Linux). */
  memory(): Memory | undefined;
  stop(): Promise<void>;
};

/** Bytes of RAM that a process takes (VmRSS), and took at most (VmHWM). */
type Memory = { readonly now: number; readonly peak: number };

/** Starts a file of the project with this Node; what it says goes to /dev/null. */
export function startChild(args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const cwd = new URL('..', import.meta.url);
  const child = spawn(process.execPath, args, { cwd, stdio: 'ignore', env: { ...process.env, ...env } });
  return { cpuMs: () => cpuOf(child), memory: () => memoryOf(child), stop: () => stop(child) };
}

/** A port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Tries until it works; gives up after ten seconds. */
export async function eventually(attempt: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await wait(50);
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await once(child, 'exit');
  clearTimeout(late);
}

/** Linux counts CPU in ticks of 10 ms: fields 14 and 15 of /proc/PID/stat, behind the name in parentheses. */
function cpuOf({ pid }: ChildProcess): number | undefined {
  try {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const fields = rest.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    // Not Linux: the figure does without.
    return undefined;
  }
}

function memoryOf({ pid }: ChildProcess): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
    return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
  } catch {
    // Not Linux: the figure does without.
    return undefined;
  }
}
