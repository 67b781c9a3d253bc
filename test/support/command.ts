// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../src/cli/program.ts';

/** What a command line printed, and how it ended. */
export type Outcome = { readonly exit: number; readonly stdout: string; readonly stderr: string };

/** Runs a command line in this process, with a terminal that keeps what is printed. */
export async function runCommand(
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const { stdin = '', env = {} } = options;
  const printed = { stdout: '', stderr: '' };
  const exit = await run(args, {
    out: (text) => {
      printed.stdout += text;
    },
    err: (text) => {
      printed.stderr += text;
    },
    readStdin: async () => stdin,
    env,
    color: false,
    onEnd: (listener) => setImmediate(listener),
  });
  return { exit, ...printed };
}

/** A temporary folder with files, by their paths in it. */
export type Folder = { path(name: string): string; close(): void };

/** Writes the files into a new folder. */
export function folderOf(files: Readonly<Record<string, string>>): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
  return {
    path: (name) => join(folder, name),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
