// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { Agent, request } from 'undici';
import { LIMITS } from '../../src/limits.ts';
import { createTestCertificate, type TestCertificate } from '../../src/testing/index.ts';
import { type AcmeStage, startAcme } from '../support/acme.ts';
import { type Folder, folderOf, runCommand } from '../support/command.ts';
import { podReview } from '../support/reviews.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

describe('countersign serve', () => {
  let stage: AcmeStage;
  let tls: TestCertificate;
  let folder: Folder;
  before(async () => {
    stage = await startAcme();
    tls = createTestCertificate({ hosts: ['127.0.0.1'] });
    folder = folderOf({
      'tls.crt': tls.certificate,
      'tls.key': tls.privateKey,
      'config.yaml': `apiVersion: countersign.dev/v1\nkind: Config\nregistries:\n  "${stage.registry.host}": { unsafePlainHttp: true }\n`,
    });
  });
  after(async () => {
    folder.close();
    await stage.close();
  });
  const options = () => [
    ...['serve', '--policy', stage.folder.path('policy.yaml'), '--config', folder.path('config.yaml')],
    ...['--tls-cert', folder.path('tls.crt'), '--tls-key', folder.path('tls.key')],
    ...['--listen', '127.0.0.1:0', '--probe-listen', '127.0.0.1:0', '--drain', '0s'],
  ];

  test('answers reviews, logs JSON on stderr, and ends with 0 on SIGTERM', async () => {
    const child = spawn(process.execPath, [MAIN, ...options()], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const dispatcher = new Agent({ connect: { ca: tls.ca } });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    try {
      const lines: Record<string, unknown>[] = [];
      for await (const line of createInterface({ input: child.stderr })) {
        lines.push(JSON.parse(line));
        if (typeof lines.at(-1)?.['address'] === 'string') break;
      }
      const address = lines.at(-1)?.['address'];
      const ask = async (image: string) => {
        const answer = await request(`https://${address}/validate?timeout=30s`, {
          dispatcher,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(podReview([image])),
        });
        return (await answer.body.json()) as { response: { allowed: boolean } };
      };
      assert.equal((await ask(stage.images.web.pinned)).response.allowed, true);
      assert.equal((await ask(stage.images.batch.pinned)).response.allowed, false);
      assert.ok(threadsOf(child.pid) >= 2 * LIMITS.lookups, 'half of the threads of a pool look names up');
      await dispatcher.close();
      child.kill('SIGTERM');
      assert.equal(await ended, 0);
      assert.equal(stdout, '');
    } finally {
      child.kill('SIGKILL');
      await dispatcher.destroy();
    }
  });

  test('after SIGTERM it is unready at once, still answers for the time of --drain, and then ends', async () => {
    const child = spawn(process.execPath, [MAIN, ...options(), '--drain', '6s'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const dispatcher = new Agent({ connect: { ca: tls.ca }, pipelining: 0 });
    try {
      let said: Record<string, unknown> = {};
      const lines = createInterface({ input: child.stderr });
      const heard = (msg: string) =>
        new Promise<void>((resolve) => {
          lines.on('line', (line) => {
            const parsed = JSON.parse(line);
            if (parsed.msg !== msg) return;
            said = parsed;
            resolve();
          });
        });
      await heard('listening');
      const { address, probeAddress } = said;
      const ready = async () =>
        (await request(`http://${probeAddress}/readyz`, { dispatcher, reset: true })).statusCode;
      assert.equal(await ready(), 200);
      const draining = heard('draining');
      const start = performance.now();
      child.kill('SIGTERM');
      await draining;
      assert.equal(await ready(), 503);
      const answer = await request(`https://${address}/validate?timeout=30s`, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(podReview([stage.images.web.pinned])),
      });
      assert.deepEqual([answer.statusCode, answer.headers['connection']], [200, 'close']);
      await answer.body.dump();
      assert.equal(await ended, 0);
      const took = performance.now() - start;
      // Past the time for answers it would be 30 s more.
      assert.ok(took >= 5_990 && took < 30_000, `took ${took} ms`);
    } finally {
      child.kill('SIGKILL');
      await dispatcher.destroy();
    }
  });

  test('without --drain it is 5 seconds', async () => {
    assert.match(
      (await runCommand(['serve', '--help'])).stdout,
      /--drain <duration>[^(]*\(default:\s+"5s"\)/,
    );
  });

  for (const [name, change, expected] of [
    ['a time of draining that is none', { '--drain': 'soon' }, /wanted a duration such as 10s/],
    ['a certificate that is not there', { '--tls-cert': 'gone.crt' }, /gone\.crt/],
    ['a policy that is not there', { '--policy': 'gone.yaml' }, /gone\.yaml.*\[FILE_UNREADABLE\]/],
    ['a Config that is not there', { '--config': 'gone.yaml' }, /gone\.yaml.*\[FILE_UNREADABLE\]/],
    ['an address that is none', { '--listen': 'nowhere' }, /nowhere/],
    ['an address that is not ours', { '--listen': '192.0.2.1:8443' }, /\[LISTEN_FAILED\]/],
    [
      'a weight of the log that is none',
      { '--log-level': 'loud' },
      /Allowed choices are debug, info, warn, error/,
    ],
  ] as const) {
    test(`${name}: 2, and nothing runs`, async () => {
      const given = Object.entries(change).flat();
      const { exit, stdout, stderr } = await runCommand([...options(), '--log-level', 'error', ...given]);
      assert.deepEqual([exit, stdout], [2, '']);
      assert.match(stderr, expected);
    });
  }

  test('without certificate or policy: 2', async () => {
    assert.match((await runCommand(['serve'])).stderr, /required option '--policy <file>'/);
  });

  const own = ['--tls-secret', 's', '--tls-service', 'web', '--tls-webhooks', 'w'];
  for (const [name, given, expected] of [
    ['no certificate', [], /there is no certificate: give --tls-cert and --tls-key, or --tls-secret/],
    ['half of one', ['--tls-cert', 'x'], /give both --tls-cert and --tls-key/],
    ['half of our own', ['--tls-secret', 's'], /give all of --tls-secret, --tls-service and --tls-webhooks/],
    ['two', ['--tls-cert', 'x', '--tls-key', 'y', ...own], /there are two certificates/],
    ['our own without a cluster', own, /--tls-secret needs the API server: --kubeconfig FILE/],
    [
      'pull secrets without a cluster',
      ['--tls-cert', 'x', '--tls-key', 'y', '--pull-secrets'],
      /--pull-secrets needs the API server: --kubeconfig FILE/,
    ],
    ['a service that is no name', [...own, '--tls-service', 'a.b'], /--tls-service: found "a\.b"/],
    ['a life too short', [...own, '--tls-lifetime', '5s'], /--tls-lifetime: found "5s", wanted 10s to 8760h/],
    ['a life too long', [...own, '--tls-lifetime', '9000h'], /--tls-lifetime: found "9000h"/],
    ['a kubeconfig that is not there', [...own, '--kubeconfig', 'gone'], /gone.*\[FILE_UNREADABLE\]/],
  ] as const) {
    test(`${name}: 2, and it says what to give`, async () => {
      const policy = stage.folder.path('policy.yaml');
      const { exit, stderr } = await runCommand(['serve', '--policy', policy, ...given]);
      assert.equal(exit, 2);
      assert.match(stderr, expected);
    });
  }
});

/** Where that is not told, enough. */
function threadsOf(pid: number | undefined): number {
  return process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).length : Number.POSITIVE_INFINITY;
}
