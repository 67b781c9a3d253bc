// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextPass, setTimeout as wait } from 'node:timers/promises';
import { openLineWriter } from '../../src/server/line-writer.ts';
import { temporaryFolder } from '../support/mounted-volume.ts';

function emptyFile(t: TestContext): string {
  const path = join(temporaryFolder(t), 'log');
  writeFileSync(path, '');
  return path;
}

/** A pipe that holds 64 KiB and then says EAGAIN, and what is read from it. */
function openPipe(t: TestContext) {
  const path = join(temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(writer));
  return { reader, writer, read: () => readAvailable(reader) };
}

function readAvailable(descriptor: number): string {
  const chunk = Buffer.alloc(1 << 20);
  try {
    return chunk.toString('latin1', 0, readSync(descriptor, chunk));
  } catch {
    // EAGAIN: nothing there at the moment.
    return '';
  }
}

test('lines come out whole and in order, the last ones at close', async (t) => {
  const path = emptyFile(t);
  const writer = openLineWriter(openSync(path, 'a'));
  const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index} ü\n`);
  for (const line of lines) writer.write(line);
  await writer.close();
  writer.write('after close\n');
  await writer.close();
  assert.equal(readFileSync(path, 'utf8'), `${lines.join('')}after close\n`);
});

test('closing an idle writer waits for nothing', async (t) => {
  const writer = openLineWriter(openSync(emptyFile(t), 'a'));
  // The next pass of the event loop; the second that it waits for lines ends in a later one.
  const passed = nextPass().then(() => 'passed');
  assert.equal(await Promise.race([writer.close(), passed]), undefined);
});

test('a file that cannot be written stops nobody', async (t) => {
  const writer = openLineWriter(openSync(emptyFile(t), 'r'));
  writer.write('into nowhere\n');
  await writer.close();
});

test('a reader that went away stops nobody', async (t) => {
  const pipe = openPipe(t);
  closeSync(pipe.reader);
  const writer = openLineWriter(pipe.writer);
  writer.write('into nowhere\n');
  await writer.close();
});

test('a reader that is slow gets everything; one that stays away holds close for a second at most', async (t) => {
  const pipe = openPipe(t);
  const writer = openLineWriter(pipe.writer);
  const line = `${'x'.repeat(999)}\n`;
  for (let count = 0; count < 200; count += 1) writer.write(line);
  const start = performance.now();
  await writer.close();
  const taken = performance.now() - start;
  assert.ok(taken > 900, `${taken} ms`);
  let text = '';
  const closed = writer.close();
  while (text.length < 200_000) {
    await wait(20);
    text += pipe.read();
  }
  await closed;
  assert.equal(text, line.repeat(200));
});

test('what is more than the limit is dropped, and a line says how many', async (t) => {
  const path = emptyFile(t);
  const writer = openLineWriter(openSync(path, 'a'), 100);
  for (let count = 0; count < 25; count += 1) writer.write('123456789\n');
  await writer.close();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 11);
  const { level, count, msg } = JSON.parse(lines.at(-1) ?? '');
  assert.deepEqual({ level, count, msg }, { level: 'warn', count: 15, msg: 'log lines were dropped' });
});
