// SPDX-License-Identifier: Apache-2.0
import { asCountersignError } from '../errors.ts';
import { openLineWriter } from './line-writer.ts';

/** From which weight on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

type Write = (fields: Fields, message: string) => void;

/** What a line says; as a function, it is worked out when the line is written, a moment later. */
export type Fields = object | (() => object);

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

/** A line that waits for its batch, with the moment that it speaks of. */
type Held = { readonly write: Write; readonly fields: Fields; readonly message: string; readonly at: number };

/** More are not held: then what there is becomes text at once. */
const MOST_HELD = 256;

/**
 * A log on stderr, or another open file; see {@link openLineWriter} for what happens when nobody reads it. Lines
 * become text together, right before they are written: one after another, that takes a third of the time.
 * pino is loaded here and not before: other commands do without.
 */
export async function openLog(level: LogLevel, descriptor: number = STDERR): Promise<Log> {
  const { pino } = await import('pino');
  const writer = openLineWriter(descriptor);
  const time = { at: 0, text: '' };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => time.text,
      formatters: { level: (label) => ({ level: label }) },
    },
    writer,
  );
  let held: Held[] = [];

  function writeHeld(): void {
    const lines = held;
    held = [];
    for (const { write, fields, message, at } of lines) {
      // Made once for all lines that share a millisecond.
      if (at !== time.at) Object.assign(time, { at, text: `,"time":"${new Date(at).toISOString()}"` });
      try {
        write(typeof fields === 'function' ? fields() : fields, message);
      } catch (error) {
        // The answer is given by now, and the other lines must not go with this one.
        logger.error({ code: asCountersignError(error).code, line: message }, 'a log line could not be made');
      }
    }
  }

  function at(weight: 'debug' | 'info' | 'warn' | 'error'): Write {
    if (!logger.isLevelEnabled(weight)) return () => {};
    const write = logger[weight].bind(logger);
    return (fields, message) => {
      if (held.length === 0) writer.beforeBatch(writeHeld);
      held.push({ write, fields, message, at: Date.now() });
      if (held.length >= MOST_HELD) writeHeld();
    };
  }

  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    close: () => writer.close(),
  };
}
