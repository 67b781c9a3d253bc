// SPDX-License-Identifier: Apache-2.0
import { write } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LIMITS } from '../limits.ts';

/** Lines on their way to an open file. */
export type LineWriter = {
  /** Takes a line, with its line end, and returns at once. */
  write(line: string): void;
  /** Calls `fill` once, right before the next batch; the lines that it writes go with it. */
  beforeBatch(fill: () => void): void;
  /** Writes what is still held; waits for that a second at most. */
  close(): Promise<void>;
};

const BATCH_MS = 20;
const RETRY_MS = 10;
const LAST_WRITE_MS = 1_000;

const writeBytes = promisify(write);

/**
 * Writes lines in batches and beside everything else: a reader that is slow or gone, or a full disk, must not
 * stop admission. What nobody takes is held up to `most` characters, then dropped, and a line says how many.
 */
export function openLineWriter(descriptor: number, most: number = LIMITS.logBytes): LineWriter {
  let lines: string[] = [];
  let held = 0;
  let dropped = 0;
  let filling: (() => void) | undefined;
  let underWay: Promise<void> | undefined;

  async function writeHeld(): Promise<void> {
    while (held > 0 || dropped > 0 || filling !== undefined) {
      await wait(BATCH_MS);
      const fill = filling;
      filling = undefined;
      fill?.();
      if (dropped > 0) lines.push(droppedLine(dropped));
      const batch = Buffer.from(lines.join(''));
      lines = [];
      held = 0;
      dropped = 0;
      await writeAll(descriptor, batch);
    }
    underWay = undefined;
  }

  return {
    write(line) {
      if (held + line.length > most) {
        dropped += 1;
      } else {
        lines.push(line);
        held += line.length;
      }
      underWay ??= writeHeld();
    },
    beforeBatch(fill) {
      filling = fill;
      underWay ??= writeHeld();
    },
    async close() {
      const end = new AbortController();
      const late = wait(LAST_WRITE_MS, undefined, { signal: end.signal }).catch(() => {});
      await Promise.race([underWay, late]);
      end.abort();
    },
  };
}

function droppedLine(count: number): string {
  return `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), count, msg: 'log lines were dropped' })}\n`;
}

/** Never throws: a log that cannot be written has nobody to be told to, and its lines are lost. */
async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    try {
      const { bytesWritten } = await writeBytes(descriptor, bytes, start);
      start += bytesWritten;
    } catch (error) {
      if (!isBusy(error)) return;
      await wait(RETRY_MS);
    }
  }
}

/** A pipe that does not block, and is full. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
