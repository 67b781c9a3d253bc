// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { VERSION } from '../../src/cli/version.ts';
import { runCommand } from '../support/command.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(VERSION, version);
  assert.deepEqual(await runCommand(['--version']), { exit: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help is a result: every command, and what the exit codes mean', async () => {
  const { exit, stdout, stderr } = await runCommand(['--help']);
  assert.deepEqual([exit, stderr], [0, '']);
  for (const command of ['verify', 'check', 'serve', 'policy', 'demo'])
    assert.match(stdout, new RegExp(`^ {2}${command}`, 'm'));
  assert.match(stdout, /Exit codes: 0 verified or allowed, 1 rejected, 2 usage.*\n3 inconclusive/);
});

for (const command of [
  'verify',
  'check',
  'serve',
  'policy',
  'policy lint',
  'policy explain',
  'policy schema',
  'demo',
]) {
  test(`${command} --help says what it does`, async () => {
    const { exit, stdout, stderr } = await runCommand([...command.split(' '), '--help']);
    assert.deepEqual([exit, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^Usage: countersign ${command}`));
    assert.match(stdout, /Exit codes: 0 /);
  });
}

test('--help marks what a command cannot do without', async () => {
  const marked = async (...command: string[]) => {
    const { stdout } = await runCommand([...command, '--help']);
    const options = stdout.split(/\n {2}(?=-)/).filter((text) => /\(required\)/.test(text));
    return options.map((text) => text.split(' ')[0]);
  };
  assert.deepEqual(await marked('verify'), []);
  assert.deepEqual(await marked('check'), ['--policy']);
  assert.deepEqual(await marked('policy', 'explain'), ['--policy']);
  assert.deepEqual(await marked('serve'), ['--policy']);
});

test('verify --help says that --key demands no log', async () => {
  assert.match((await runCommand(['verify', '--help'])).stdout, /demands no transparency\s+log entry/);
});

test('no command, an unknown command, a misspelt one: 2, on stderr only', async () => {
  const none = await runCommand([]);
  assert.deepEqual([none.exit, none.stdout], [2, '']);
  assert.match(none.stderr, /Usage: countersign/);
  const unknown = await runCommand(['frob']);
  assert.deepEqual(unknown, {
    exit: 2,
    stdout: '',
    stderr: "countersign: unknown command 'frob' [USAGE]\nhint: see: countersign --help\n",
  });
  assert.match((await runCommand(['verfy'])).stderr, /Did you mean verify\?/);
});

test('as a process: results on stdout, all else on stderr, and the exit code', async () => {
  const main = join(ROOT, 'src/cli/main.ts');
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [main, ...args]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  assert.deepEqual(await run('--version'), { code: 0, stdout: `${VERSION}\n`, stderr: '' });
  const unknown = await run('frob');
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /^countersign: unknown command/);
});

test('a reader who has seen enough is no error', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'src/cli/main.ts'), 'policy', 'schema']);
  child.stdout.destroy();
  const [exit, stderr] = await Promise.all([
    new Promise((resolve) => child.once('exit', resolve)),
    text(child.stderr),
  ]);
  assert.deepEqual([exit, stderr], [0, '']);
});

test('a command loads only what it needs', async () => {
  const main = join(ROOT, 'src/cli/main.ts');
  const script = `process.argv = [process.argv[0], ${JSON.stringify(main)}, 'policy', 'schema'];
    const { registerHooks } = await import('node:module');
    const seen = [];
    registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
    await import(${JSON.stringify(main)});
    process.stderr.write(seen.join('\\n'));`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.match(stderr, /policy\/schema\.ts/);
  assert.doesNotMatch(
    stderr,
    /undici|prom-client|@noble|lru-cache|src\/(?:server|testing|registry|verify)\//,
  );
});
