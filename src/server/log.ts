// SPDX-License-Identifier: Apache-2.0
import { openLineWriter } from './line-writer.ts';

/** From which weight on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

type Write = (fields: object, message: string) => void;

/** A log of JSON lines. Callers hand over neither objects of a review nor headers, environment or credentials. */
export type Log = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  /** Writes what is still held. */
  close(): Promise<void>;
};

/** The results of a command are on stdout, everything else is here. */
const STDERR = 2;

/** The text of the current millisecond: made once for all lines that share it. */
const time = { now: 0, text: '' };

function isoTime(): string {
  const now = Date.now();
  if (now !== time.now) Object.assign(time, { now, text: `,"time":"${new Date(now).toISOString()}"` });
  return time.text;
}

/**
 * A log on stderr, or another open file; see {@link openLineWriter} for what happens when nobody reads it.
 * pino is loaded here and not before: other commands do without.
 */
export async function openLog(level: LogLevel, descriptor: number = STDERR): Promise<Log> {
  const { pino } = await import('pino');
  const writer = openLineWriter(descriptor);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    writer,
  );
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
    close: () => writer.close(),
  };
}
