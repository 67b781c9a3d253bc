// SPDX-License-Identifier: Apache-2.0
import { asCountersignError } from '../errors.ts';
import { openLineWriter } from './line-writer.ts';

/** Light to heavy; nothing weighs as much as the last. */
const WEIGHTS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** From which weight on lines are written. */
export type LogLevel = (typeof WEIGHTS)[number];

type Weight = Exclude<LogLevel, 'silent'>;

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
type Held = {
  readonly weight: Weight;
  readonly fields: Fields;
  readonly message: string;
  readonly at: number;
};

/** More are not held: then what there is becomes text at once. So few that a collection finds little alive. */
const MOST_HELD = 32;

/**
 * A log on stderr, or another open file; see {@link openLineWriter} for what happens when nobody reads it. Lines
 * become text together, right before they are written: one after another, that takes a third of the time.
 */
export function openLog(level: LogLevel, descriptor: number = STDERR): Log {
  const writer = openLineWriter(descriptor);
  const timeOf = createTimeText();
  let held: Held[] = [];

  function writeHeld(): void {
    const lines = held;
    held = [];
    for (const line of lines) writer.write(textOf(line));
  }

  function textOf({ weight, fields, message, at }: Held): string {
    const time = timeOf(at);
    try {
      const own = typeof fields === 'function' ? fields() : fields;
      const rest = JSON.stringify(own);
      const comma = rest === '{}' ? '' : ',';
      return `{"level":"${weight}","time":"${time}"${comma}${rest.slice(1, -1)},"msg":${JSON.stringify(message)}}\n`;
    } catch (error) {
      // The answer is given by now, and the other lines must not go with this one.
      const { code } = asCountersignError(error);
      return `${JSON.stringify({ level: 'error', time, code, line: message, msg: 'a log line could not be made' })}\n`;
    }
  }

  function at(weight: Weight): Write {
    if (WEIGHTS.indexOf(weight) < WEIGHTS.indexOf(level)) return () => {};
    return (fields, message) => {
      if (held.length === 0) writer.beforeBatch(writeHeld);
      held.push({ weight, fields, message, at: Date.now() });
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

/** The ISO 8601 text of a moment, made once for all lines that share a millisecond. */
function createTimeText(): (at: number) => string {
  let last = Number.NaN;
  let text = '';
  return (at) => {
    if (at !== last) {
      last = at;
      text = new Date(at).toISOString();
    }
    return text;
  };
}
