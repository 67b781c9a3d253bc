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
  readonly env: Readonly<Record<string, string | undefined>>;
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

/** Says what went wrong and what would help, as every command does. */
export function complain(terminal: Terminal, error: CountersignError): void {
  terminal.err(`countersign: ${error.message} [${error.code}]\n`);
  if (error.hint !== '') terminal.err(`hint: ${error.hint}\n`);
}
