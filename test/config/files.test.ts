// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { disk } from '../../src/config/files.ts';
import { LIMITS } from '../../src/limits.ts';
import { mountVolume, temporaryFolder } from '../support/mounted-volume.ts';

test('a folder lists sorted names, hidden ones left out', (t) => {
  const folder = temporaryFolder(t);
  mountVolume(folder, { 'b.yaml': '', 'a.yaml': '' });
  writeFileSync(join(folder, '.swp'), '');
  assert.deepEqual(disk.list(folder), ['a.yaml', 'b.yaml']);
});

test('a file is not a folder, and reads through links', (t) => {
  const folder = temporaryFolder(t);
  mountVolume(folder, { file: 'text: ü' });
  assert.equal(disk.list(join(folder, 'file')), undefined);
  assert.equal(disk.read(join(folder, 'file')), 'text: ü');
});

test('what cannot be read says which and why', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'inner'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  const unreadable = { code: 'FILE_UNREADABLE', message: /^cannot read [^:]*absent: there is no such file$/ };
  assert.throws(() => disk.read(join(folder, 'absent')), unreadable);
  assert.throws(() => disk.list(join(folder, 'absent')), unreadable);
  assert.throws(() => disk.read(join(folder, 'inner')), {
    code: 'FILE_UNREADABLE',
    message: /: it is a directory$/,
  });
  assert.throws(() => disk.read(join(folder, 'dangling')), { code: 'FILE_UNREADABLE' });
});

test('a document may have its limit of bytes and not one more', (t) => {
  const path = join(temporaryFolder(t), 'large');
  writeFileSync(path, Buffer.alloc(LIMITS.documentBytes, 'x'));
  assert.equal(disk.read(path).length, LIMITS.documentBytes);
  writeFileSync(path, Buffer.alloc(LIMITS.documentBytes + 1, 'x'));
  assert.throws(() => disk.read(path), { code: 'FILE_UNREADABLE', message: /larger than 1048576 bytes/ });
  assert.throws(() => disk.read('/dev/zero'), { code: 'FILE_UNREADABLE', message: /larger than/ });
});
