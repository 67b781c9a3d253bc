// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { Agent, request } from 'undici';
import { assembleRootFileSystem, IMAGE } from '../../scripts/root-file-system.ts';
import { createTestCertificate, createTestSigstore, type TestCertificate } from '../../src/testing/index.ts';
import { type AcmeStage, startAcme } from '../support/acme.ts';
import { ROOT } from '../support/pages.ts';
import { podReview } from '../support/reviews.ts';

const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
/** What the Dockerfile says that a container is started with. */
const [entrypoint, user] = [
  JSON.parse(/^ENTRYPOINT (.*)$/m.exec(DOCKERFILE)?.[1] ?? '[]') as string[],
  /^USER (\d+):(\d+)$/m.exec(DOCKERFILE)?.[1] ?? '',
];

/** The ways into a folder as root file system, as a user without rights there: for root, and for anybody else. */
const WAYS = [
  (folder: string) => ['chroot', `--userspec=${user}:${user}`, folder],
  (folder: string) => ['unshare', '--user', '--map-root-user', `--root=${folder}`],
];

test('the Dockerfile and the script put the same things in the same places', () => {
  assert.deepEqual(entrypoint, [IMAGE.node, ...IMAGE.flags, IMAGE.command]);
  const variables = [...DOCKERFILE.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]);
  assert.deepEqual(Object.fromEntries(variables), IMAGE.env);
  assert.equal(user, String(IMAGE.user));
  assert.match(
    DOCKERFILE,
    new RegExp(`^COPY --from=build --chown=0:0 /src/dist/countersign\\.js ${IMAGE.command}$`, 'm'),
  );
});

test('the Dockerfile builds with the Node of package.json, on the same major version of it', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [major] = devDependencies.node.split('.');
  assert.ok(DOCKERFILE.includes(`/node:${devDependencies.node}-`));
  assert.ok(DOCKERFILE.includes(`/nodejs${major}-`));
});

const linux = process.platform === 'linux' ? false : 'a root file system of Linux';

describe('the image as a root file system', { skip: linux }, () => {
  let folder: string;
  let way: readonly string[] | undefined;
  let stage: AcmeStage;
  let tls: TestCertificate;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-image-'));
    await assembleRootFileSystem(folder);
    way = WAYS.map((words) => words(folder)).find((words) => run(words, ['--version']).status === 0);
    stage = await startAcme();
    tls = createTestCertificate({ hosts: ['127.0.0.1'] });
  });
  after(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('nothing in it can be written by the user that it runs as', () => {
    const writable = spawnSync('find', [folder, '!', '-type', 'l', '-perm', '/022'], { encoding: 'utf8' });
    assert.equal(writable.stdout, '');
    assert.equal(statSync(join(folder, IMAGE.command)).mode & 0o777, 0o755);
  });

  test('the command is one file that imports nothing but Node', () => {
    const text = readFileSync(join(folder, IMAGE.command), 'utf8');
    const imported = [...text.matchAll(/^import (?:.* from )?"([^"]+)";$|\bimport\("([^"]+)"\)/gm)];
    const names = imported.map(([, early, late]) => early ?? late ?? '');
    assert.ok(names.length > 10);
    assert.deepEqual(
      names.filter((name) => !isBuiltin(name)),
      [],
    );
  });

  test('it starts without root, is ready, and answers reviews', async (t) => {
    if (way === undefined) return t.skip('neither chroot nor a user namespace is allowed here');
    mount('/etc/countersign', {
      'policy.yaml': readFileSync(stage.folder.path('policy.yaml'), 'utf8'),
      'cosign.pub': readFileSync(stage.folder.path('cosign.pub'), 'utf8'),
      'config.yaml': `apiVersion: countersign.dev/v1\nkind: Config\nregistries:\n  "${stage.registry.host}": { unsafePlainHttp: true }\n`,
      'tls.crt': tls.certificate,
      'tls.key': tls.privateKey,
    });
    const child = start(way, [
      ...['serve', '--policy=/etc/countersign/policy.yaml', '--config=/etc/countersign/config.yaml'],
      ...['--tls-cert=/etc/countersign/tls.crt', '--tls-key=/etc/countersign/tls.key', '--drain=0s'],
      ...['--listen=127.0.0.1:0', '--probe-listen=127.0.0.1:0'],
    ]);
    const dispatcher = new Agent({ connect: { ca: tls.ca } });
    t.after(async () => {
      child.kill('SIGKILL');
      await dispatcher.destroy();
    });
    const { address, probeAddress } = await listening(child);
    assert.equal(ownerOf(child), way[0] === 'chroot' ? IMAGE.user : process.getuid?.());
    assert.equal((await request(`http://${probeAddress}/readyz`)).statusCode, 200);
    const ask = async (image: string) => {
      const body = JSON.stringify(podReview([image]));
      const headers = { 'content-type': 'application/json' };
      const answer = await request(`https://${address}/validate?timeout=30s`, {
        dispatcher,
        method: 'POST',
        headers,
        body,
      });
      return (await answer.body.json()) as { response: { allowed: boolean } };
    };
    assert.equal((await ask(stage.images.web.pinned)).response.allowed, true);
    assert.equal((await ask(stage.images.batch.pinned)).response.allowed, false);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  test('it has a trust root to begin with, and verifies by identity and with conditions', (t) => {
    if (way === undefined) return t.skip('neither chroot nor a user namespace is allowed here');
    const command = way;
    const shown = run(command, ['trust', 'show']);
    assert.match(shown.stdout.toString(), /^default {2}sha256:/, shown.stderr.toString());
    const sigstore = createTestSigstore();
    const identity = { issuer: 'https://accounts.example', subject: 'kim@acme.example' };
    mount('/etc/keyless', {
      'trusted_root.json': sigstore.trustedRoot().toString(),
      'bundle.json': sigstore.signBundle({ identity, content: { message: 'signed' } }).toString(),
      artifact: 'signed',
      'policy.yaml': `{ apiVersion: countersign.dev/v1, kind: TrustPolicy, metadata: { name: p },
        signers: { s: { keyless: { issuer: "${identity.issuer}", subjectRegexp: "k[i]m@acme[.]example" } } },
        rules: [{ name: r, images: ["**"], attestations: [{ type: spdx, by: s, where: "predicate.ok" }] }] }`,
    });
    const verify = (subject: string) =>
      run(command, [
        ...[
          'verify-bundle',
          '--bundle=/etc/keyless/bundle.json',
          '--trusted-root=/etc/keyless/trusted_root.json',
        ],
        ...[`--certificate-identity=${subject}`, `--certificate-oidc-issuer=${identity.issuer}`],
        '/etc/keyless/artifact',
      ]).status;
    assert.deepEqual([verify(identity.subject), verify('tom@acme.example')], [0, 1]);
    const lint = run(command, ['policy', 'lint', '/etc/keyless/policy.yaml']);
    assert.equal(lint.status, 0, lint.stdout.toString());
  });

  /** Files as a ConfigMap or Secret would be mounted. */
  function mount(path: string, files: Readonly<Record<string, string>>): void {
    mkdirSync(join(folder, path), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, path, name), text);
      chmodSync(join(folder, path, name), 0o644);
    }
  }
});

/** Runs the image to its end. */
function run([command = '', ...words]: readonly string[], args: readonly string[]) {
  return spawnSync(command, [...words, ...entrypoint, ...args], { env: PATH_ONLY, timeout: 60_000 });
}

function start([command = '', ...words]: readonly string[], args: readonly string[]) {
  return spawn(command, [...words, ...entrypoint, ...args], {
    env: PATH_ONLY,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** A container has no environment of ours; the PATH is for finding the way in. */
const PATH_ONLY = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

async function listening(child: ChildProcess): Promise<{ address: string; probeAddress: string }> {
  assert.ok(child.stderr);
  let said = '';
  for await (const line of createInterface({ input: child.stderr })) {
    said += `${line}\n`;
    const parsed = JSON.parse(line);
    if (parsed.msg === 'listening') return parsed;
  }
  throw new Error(`it ended: ${said}`);
}

/** The user that a process runs as, as this one sees it. */
function ownerOf({ pid }: ChildProcess): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
