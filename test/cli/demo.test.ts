// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENES } from '../../src/cli/demo/scenes.ts';
import { runCommand } from '../support/command.ts';

test('the demo tells its story, each line with latency and requests, in under 15 seconds', async () => {
  const start = performance.now();
  const { exit, stdout, stderr } = await runCommand(['demo']);
  assert.deepEqual([exit, stderr], [0, '']);
  assert.ok(performance.now() - start < 15_000);
  const lines = stdout.split('\n').filter((line) => line.startsWith('ok  '));
  assert.equal(lines.length, SCENES.length);
  for (const line of lines) assert.match(line, /(?:admitted|denied) [A-Z_]+ +\d+ ms +\d+ registry requests$/);
  assert.match(
    stdout,
    /12 answers, all as they must be, in \d+\.\d s\.\nTry it by hand: npm run demo -- --keep .*\n$/,
  );
});

test('with another key in the policy the demo says which answers are wrong, and ends with 1', async () => {
  const { exit, stdout } = await runCommand(['demo', '--swap-key']);
  assert.equal(exit, 1);
  assert.match(
    stdout,
    /^BAD a Deployment of a signed image +denied SIGNATURE_INVALID.*\n.*\n +wanted admitted VERIFIED$/m,
  );
  assert.match(stdout, /\d+ of 12 answers are not as they must be\.\n$/);
});

test('--keep leaves both running, with commands to try, until the process is asked to end', async () => {
  const { exit, stdout } = await runCommand(['demo', '--keep']);
  assert.equal(exit, 0);
  for (const part of [' verify ', ' policy explain ', 'curl --cacert ', '/validate'])
    assert.ok(stdout.includes(part));
});
