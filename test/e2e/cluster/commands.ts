// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';

/** How a command ended, and what it printed. */
export type Outcome = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

type Run = { readonly env: NodeJS.ProcessEnv; readonly input?: string; readonly timeoutMs?: number };

/** Runs a command to its end; one that takes longer than a minute and a half is ended. */
export function runProgram(program: string, args: readonly string[], run: Run): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...run.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: run.timeoutMs ?? 90_000,
      killSignal: 'SIGKILL',
    });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, ...printed }));
    child.stdin.on('error', () => {}); // a command that reads no input closes it
    child.stdin.end(run.input ?? '');
  });
}
