// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';
import { LIMITS } from '../limits.ts';

/** From which weight on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

type Write = (fields: object, message: string) => void;

/** A log of JSON lines. Callers hand over neither objects of a review nor headers, environment or credentials. */
export type Log = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  /** Writes what is still held; waits for that a second at most. */
  close(): Promise<void>;
};

/** stderr: the results of a command are on stdout, everything else is here. */
const STDERR = 2;
const LAST_WRITE_MS = 1_000;

/**
 * A log on stderr, or another open file. Lines are written beside the requests: when nobody takes them they
 * are held up to `LIMITS.logBytes` and then dropped, for a log must not stop admission.
 *
 * pino is loaded here and not before: other commands do without.
 */
export async function openLog(level: LogLevel, descriptor: number = STDERR): Promise<Log> {
  const { pino } = await import('pino');
  const destination = pino.destination({ fd: descriptor, sync: false, maxLength: LIMITS.logBytes });
  // A log that cannot be written (EPIPE) has nobody to be told to.
  destination.on('error', () => {});
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
    async close() {
      const written = new Promise((resolve) => destination.once('close', resolve));
      destination.end();
      await Promise.race([written, wait(LAST_WRITE_MS, undefined, { ref: false })]);
    },
  };
}
