// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { loadDockerCredentials } from '../../src/registry/index.ts';

const IMAGE = { registry: 'reg.example', repository: 'acme/app' };

function folder(t: TestContext, content?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'countersign-'));
  t.after(() => rmSync(path, { recursive: true }));
  if (content !== undefined) writeFileSync(join(path, 'config.json'), content);
  return path;
}

function configWith(username: string): string {
  return JSON.stringify({ auths: { 'reg.example': { username, password: 'x' } } });
}

function userOf(credentials: ReturnType<typeof loadDockerCredentials>): string | undefined {
  const [credential] = credentials.find(IMAGE);
  return credential?.kind === 'password' ? credential.username : undefined;
}

test('config.json of the directory is read', (t) => {
  assert.equal(userOf(loadDockerCredentials(folder(t, configWith('bob')))), 'bob');
});

test('no file and no directory: no credentials, no warning', (t) => {
  for (const path of [folder(t), join(folder(t), 'nowhere')]) {
    const credentials = loadDockerCredentials(path);
    assert.deepEqual(credentials.find(IMAGE), []);
    assert.deepEqual(credentials.warnings, []);
  }
});

test('a file that cannot be read is an error at start', (t) => {
  assert.throws(() => loadDockerCredentials(folder(t, '{')), { code: 'CONFIG_INVALID' });
  assert.throws(() => loadDockerCredentials(folder(t, ' '.repeat(LIMITS.documentBytes + 1))), {
    code: 'FILE_UNREADABLE',
  });
  const directory = folder(t);
  mkdirSync(join(directory, 'config.json'));
  assert.throws(() => loadDockerCredentials(directory), { code: 'FILE_UNREADABLE' });
});

test('a change holds within a second or two; a broken one leaves what was', (t) => {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  const directory = folder(t, configWith('bob'));
  const file = join(directory, 'config.json');
  const credentials = loadDockerCredentials(directory);
  const bob = credentials.find(IMAGE)[0]?.id;
  assert.ok(bob);

  writeFileSync(file, configWith('carol-with-a-longer-name'));
  assert.equal(userOf(credentials), 'bob');
  now += 1_500;
  assert.equal(userOf(credentials), 'carol-with-a-longer-name');
  assert.notEqual(credentials.find(IMAGE)[0]?.id, bob);

  writeFileSync(file, '{"auths":');
  now += 1_500;
  assert.equal(userOf(credentials), 'carol-with-a-longer-name');
  assert.match(credentials.warnings.join(), /not JSON: the credentials from before are still used/);

  writeFileSync(file, configWith('dave'));
  now += 1_500;
  assert.equal(userOf(credentials), 'dave');
  assert.deepEqual(credentials.warnings, []);

  rmSync(file);
  now += 1_500;
  assert.deepEqual(credentials.find(IMAGE), []);
});
