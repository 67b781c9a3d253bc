// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { runCommand } from '../support/command.ts';
import { freePort, isListening, skipWithout as skipWithoutPrograms } from '../support/programs.ts';

const execute = promisify(execFile);

/** For the `skip` option of a test: the reason to skip where a tool is not installed, else `false`. */
export function skipWithout(...tools: readonly string[]): string | false {
  return skipWithoutPrograms(tools, 'test/interop/install-tools.sh');
}

/** A server process on loopback that a test started. */
export type RealServer = { readonly host: string; stop(): Promise<void> };

/**
 * Starts a server on a free port and waits until it takes connections.
 *
 * @param command given the address, what to run
 */
export async function startRealServer(
  command: (address: string) => readonly [string, ...string[]],
): Promise<RealServer> {
  const port = await freePort();
  const [program, ...args] = command(`127.0.0.1:${port}`);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  // A test file that ends before its hooks leaves nothing running.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) break;
    if (await isListening(port)) return { host: `127.0.0.1:${port}`, stop: () => stop(child) };
    await sleep(100);
  }
  await stop(child);
  throw new Error(`${program} did not start: ${complaint}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
}

/** Runs cosign in a folder of its own, with an empty key password and no network but loopback. */
export async function cosign(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await execute('cosign', args, {
    cwd: folder,
    timeout: 200_000,
    env: { PATH: process.env['PATH'], HOME: folder, COSIGN_PASSWORD: '', ...env },
  });
  return stdout;
}

/** Runs a countersign command in this process: a process for each of many questions would be most of the time. */
export async function countersign(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const { exit, ...printed } = await runCommand(args, { env: { HOME: '/nonexistent', ...env } });
  return { exitCode: exit, ...printed };
}
