// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Files } from '../../src/config/files.ts';
import { CountersignError } from '../../src/errors.ts';
import { type Watched, watchFiles } from '../../src/server/watch-files.ts';
import { eventually } from '../support/eventually.ts';
import { mountVolume, temporaryFolder } from '../support/mounted-volume.ts';

const QUICK = { pollMs: 40, settleMs: 10 };
/** Long enough for several looks: after it, what has not happened does not happen. */
const LOOKS = 250;

type Watch = { readonly watched: Watched<string>; readonly loads: string[]; readonly failures: string[] };

function watching(t: TestContext, load: (files: Files) => string, timing = QUICK): Watch {
  const loads: string[] = [];
  const failures: string[] = [];
  const reloads = {
    loaded: (value: string) => loads.push(value),
    failed: (error: CountersignError) => failures.push(error.code),
  };
  const watched = watchFiles(load, reloads, timing);
  t.after(() => watched.close());
  return { watched, loads, failures };
}

function fileIn(folder: string, text: string): string {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}

test('what the first load throws is thrown, and nothing is watched', (t) => {
  const path = join(temporaryFolder(t), 'absent');
  const reloads = { loaded: () => assert.fail(), failed: () => assert.fail() };
  assert.throws(() => watchFiles((files) => files.read(path), reloads, QUICK), { code: 'FILE_UNREADABLE' });
});

test('a file written again is loaded again', async (t) => {
  const path = fileIn(temporaryFolder(t), 'one');
  const { watched, loads, failures } = watching(t, (files) => files.read(path));
  assert.equal(watched.current(), 'one');
  writeFileSync(path, 'two');
  await eventually('the new text', () => watched.current() === 'two');
  assert.deepEqual({ loads, failures }, { loads: ['two'], failures: [] });
});

test('the same bytes written again are no change', async (t) => {
  const path = fileIn(temporaryFolder(t), 'one');
  const { loads } = watching(t, (files) => files.read(path));
  writeFileSync(path, 'one');
  await wait(LOOKS);
  assert.deepEqual(loads, []);
});

test('a notice is enough: nobody waits for the next regular look', async (t) => {
  const path = fileIn(temporaryFolder(t), 'one');
  const { watched } = watching(t, (files) => files.read(path), { pollMs: 600_000, settleMs: 10 });
  writeFileSync(path, 'two');
  await eventually('the new text', () => watched.current() === 'two');
});

test('the regular look is enough: a folder replaced as a whole gives no notice of its files', async (t) => {
  const folder = join(temporaryFolder(t), 'inner');
  mkdirSync(folder);
  const path = fileIn(folder, 'one');
  const { watched } = watching(t, (files) => files.read(path));
  renameSync(folder, `${folder}-old`);
  await wait(QUICK.pollMs);
  mkdirSync(folder);
  fileIn(folder, 'two');
  await eventually('the new text', () => watched.current() === 'two');
  fileIn(folder, 'three');
  await eventually('the text after that', () => watched.current() === 'three');
});

test('a swap of ..data is one load, with all files from one side', async (t) => {
  const folder = temporaryFolder(t);
  const volume = mountVolume(folder, { a: '1', b: '1', c: '1' });
  const load = (files: Files) => ['a', 'b', 'c'].map((name) => files.read(join(folder, name))).join('');
  const { watched, loads } = watching(t, load);
  for (let round = 2; round < 8; round += 1) {
    const text = String(round);
    volume.swap({ a: text, b: text, c: text });
    await wait(Math.random() * 30);
  }
  await eventually('the last text', () => watched.current() === '777');
  for (const value of loads) assert.equal(new Set(value).size, 1, `mixed: ${value}`);
});

test('a load that fails keeps the old value and is told once; the next good content holds', async (t) => {
  const path = fileIn(temporaryFolder(t), 'one');
  const { watched, loads, failures } = watching(t, (files) => {
    const text = files.read(path);
    if (text === 'broken') throw new CountersignError('POLICY_INVALID', 'broken');
    return text;
  });
  writeFileSync(path, 'broken');
  await eventually('the failure', () => failures.length > 0);
  await wait(LOOKS);
  assert.deepEqual(
    { failures, current: watched.current() },
    { failures: ['POLICY_INVALID'], current: 'one' },
  );
  writeFileSync(path, 'two');
  await eventually('the new text', () => watched.current() === 'two');
  assert.deepEqual({ loads, failures }, { loads: ['two'], failures: ['POLICY_INVALID'] });
});

test('a file that goes away keeps the old value, and one that comes back holds', async (t) => {
  const path = fileIn(temporaryFolder(t), 'one');
  const { watched, failures } = watching(t, (files) => files.read(path));
  rmSync(path);
  await eventually('the failure', () => failures.length === 1);
  assert.deepEqual(
    { failures, current: watched.current() },
    { failures: ['FILE_UNREADABLE'], current: 'one' },
  );
  writeFileSync(path, 'two');
  await eventually('the new text', () => watched.current() === 'two');
});

test('a file that is still being written is not used', async (t) => {
  const path = fileIn(temporaryFolder(t), 'complete');
  const { watched, loads } = watching(t, (files) => files.read(path), { pollMs: 20, settleMs: 1_500 });
  for (const part of ['n', 'ne', 'new', 'new t', 'new te', 'new tex']) {
    writeFileSync(path, part);
    await wait(20);
  }
  writeFileSync(path, 'new text');
  await eventually('the whole text', () => watched.current() === 'new text');
  assert.deepEqual(loads, ['new text']);
});

test('a file that joins or leaves a listed folder is a change, a hidden one is not', async (t) => {
  const folder = temporaryFolder(t);
  fileIn(folder, 'one');
  const { watched, loads } = watching(t, (files) => (files.list(folder) ?? []).join());
  writeFileSync(join(folder, '.hidden'), '');
  await wait(LOOKS);
  assert.deepEqual(loads, []);
  writeFileSync(join(folder, 'other'), '');
  await eventually('the other name', () => watched.current() === 'file,other');
  rmSync(join(folder, 'other'));
  await eventually('the first name alone', () => watched.current() === 'file');
});

test('notices without end from the same folder do not put the look off', async (t) => {
  const folder = temporaryFolder(t);
  const path = fileIn(folder, 'one');
  const { watched } = watching(t, (files) => files.read(path), { pollMs: 600_000, settleMs: 50 });
  const busy = setInterval(() => writeFileSync(join(folder, 'neighbour'), String(Math.random())), 5);
  t.after(() => clearInterval(busy));
  await wait(100);
  writeFileSync(path, 'two');
  await eventually('the new text', () => watched.current() === 'two');
});

test('a pipe is read once and never waited for again', async (t) => {
  const path = join(temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [path]);
  const writer = spawn('sh', ['-c', 'printf once > "$1"', 'sh', path]);
  t.after(() => writer.kill());
  const { watched, loads } = watching(t, (files) => files.read(path));
  await wait(LOOKS);
  assert.deepEqual({ current: watched.current(), loads }, { current: 'once', loads: [] });
});

test('after close nothing is loaded', async (t) => {
  const path = fileIn(temporaryFolder(t), 'one');
  const { watched, loads } = watching(t, (files) => files.read(path));
  watched.close();
  writeFileSync(path, 'two');
  await wait(LOOKS);
  assert.deepEqual({ loads, current: watched.current() }, { loads: [], current: 'one' });
});
