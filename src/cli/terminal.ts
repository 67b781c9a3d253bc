// SPDX-License-Identifier: Apache-2.0
import { text } from 'node:stream/consumers';
import type { CountersignError } from '../errors.ts';

/**
 * Where a command reads and writes. Results go to `out`, everything else to `err`; the environment is read
 * here and nowhere else.
 */
export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly readStdin: () => Promise<string>;
  readonly env: Record<string, string | undefined>;
  /** Whether `out` shows colours. */
  readonly color: boolean;
  /** Calls back when the process is asked to end (SIGTERM, SIGINT). */
  readonly onEnd: (listener: () => void) => void;
};

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { env, stdout, stderr, stdin } = process;
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe);
  return {
    out: (line) => void stdout.write(line),
    err: (line) => void stderr.write(line),
    readStdin: () => text(stdin),
    env,
    color: stdout.isTTY === true && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb',
    onEnd: (listener) => {
      process.once('SIGTERM', listener);
      process.once('SIGINT', listener);
    },
  };
}

/** A reader who has seen enough (`| head`) is no fault: what is left is written to nobody. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Lines of an error that lists what is wrong; of more, the number. */
const ISSUES_SHOWN = 50;

/** Says what went wrong and what would help, as every command does: several things under a line that counts them. */
export function complain(terminal: Terminal, error: CountersignError, hint = error.hint): void {
  const lines = 'issues' in error ? error.message.split('\n') : [error.message];
  if (lines.length > 1) {
    terminal.err(`countersign: ${headingOf(error)} ${lines.length} errors [${error.code}]\n`);
    for (const line of lines.slice(0, ISSUES_SHOWN)) terminal.err(`${line}\n`);
    if (lines.length > ISSUES_SHOWN) terminal.err(`and ${lines.length - ISSUES_SHOWN} more\n`);
  } else {
    terminal.err(`countersign: ${error.message} [${error.code}]\n`);
  }
  if (hint !== '') terminal.err(`hint: ${hint}\n`);
}

/** `policy.yaml has`, `3 files have`. */
function headingOf(error: CountersignError & { readonly issues?: unknown }): string {
  const issues = error.issues as readonly { readonly file: string }[];
  const [file, ...others] = new Set(issues.map((issue) => issue.file));
  return others.length === 0 ? `${file} has` : `${others.length + 1} files have`;
}
