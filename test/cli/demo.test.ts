// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARTS } from '../../src/cli/demo/scenes.ts';
import { runCommand } from '../support/command.ts';

const ANSWERS = PARTS.flatMap(({ scenes }) => scenes).length;

test('the demo tells its story, each line with latency and requests', async () => {
  const { exit, stdout, stderr } = await runCommand(['demo']);
  assert.deepEqual([exit, stderr], [0, '']);
  const lines = stdout.split('\n').filter((line) => line.startsWith('ok  '));
  assert.equal(lines.length, ANSWERS);
  for (const line of lines) assert.match(line, /(?:admitted|denied) [A-Z_]+ +\d+ ms +\d+ registry requests$/);
  for (const { title } of PARTS) assert.ok(stdout.includes(`\n\n${title}\n`), title);
  assert.ok(
    stdout.includes(`\n${ANSWERS} answers, all as they must be, in `),
    'the number of answers is the number of scenes',
  );
  assert.match(stdout, / s\.\nTry it by hand: npm run demo -- --keep .*\n$/);
});

test('of two builds in one repository only that of the pipeline gets in, and the other is told who signed and who should have', async () => {
  const { stdout } = await runCommand(['demo']);
  assert.match(
    stdout,
    /^ok {2}build #7, .* denied IDENTITY_MISMATCH .*\n.*found the issuer "https:\/\/accounts\.google\.com" \(of "kim@acme\.example"\); wanted "https:\/\/token\.actions\.githubusercontent\.com" \(of "https:\/\/github\.com\/acme\/shop\/\.github\/workflows\/release\.yaml@refs\/heads\/main"\)\nok {2}build #8, .* admitted VERIFIED /m,
  );
});

const SWAPS = [
  {
    option: '--swap-key',
    wrong:
      /^BAD a Deployment of a signed image +denied SIGNATURE_INVALID.*\n.*\n +wanted admitted VERIFIED$/m,
    right: /^ok {2}build #8/m,
  },
  {
    option: '--swap-root',
    wrong: /^BAD build #8, .* denied CERTIFICATE_UNTRUSTED.*\n.*\n +wanted admitted VERIFIED$/m,
    right: /^ok {2}a Deployment of a signed image/m,
  },
];
for (const { option, wrong, right } of SWAPS) {
  test(`with ${option} the demo says which answers are wrong, and ends with 1`, async () => {
    const { exit, stdout } = await runCommand(['demo', option]);
    assert.equal(exit, 1);
    assert.match(stdout, wrong);
    assert.match(stdout, right);
    assert.match(stdout, new RegExp(`\\d+ of ${ANSWERS} answers are not as they must be\\.\n$`));
  });
}

test('--keep leaves both running, with commands to try, until the process is asked to end', async () => {
  const { exit, stdout } = await runCommand(['demo', '--keep']);
  assert.equal(exit, 0);
  for (const part of [
    ' verify ',
    '--certificate-identity',
    '/proven/checkout:from-branch --policy ',
    ' policy explain ',
    'curl --cacert ',
    '/validate',
  ])
    assert.ok(stdout.includes(part));
});
