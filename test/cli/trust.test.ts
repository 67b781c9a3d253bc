// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createTestKey } from '../../src/testing/index.ts';
import { publicGoodSeed } from '../../src/trust/seed.ts';
import { type Folder, folderOf, runCommand } from '../support/command.ts';
import { createTufRepository, serveTuf } from '../support/tuf-repository.ts';

const HEAD = 'apiVersion: countersign.dev/v1\nkind: Config\n';
const SEED = publicGoodSeed().trustedRoot;
const OTHER = Buffer.from(JSON.stringify({ ...JSON.parse(SEED.toString()), timestampAuthorities: [] }));
const KEYLESS = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: acme }
signers:
  ann:
    keyless: { issuer: https://accounts.example, subject: ann@acme.example }
    trustRoot: corp
rules:
  - { name: all, images: ["**"], require: ann }
`;

describe('trust show and trust update', () => {
  const repository = createTufRepository();
  repository.publish(SEED);
  let server: Awaited<ReturnType<typeof serveTuf>>;
  let folder: Folder;
  let env: Record<string, string>;
  before(async () => {
    server = await serveTuf(repository.files);
    folder = folderOf({
      'config.yaml': `${HEAD}trustRoots: { corp: { tuf: { mirror: "${server.mirror}", root: { file: root.json } } } }\n`,
      'other.yaml': `${HEAD}trustRoots: { default: { publicGood: {} } }\n`,
      'root.json': repository.root.toString(),
      'trusted_root.json': OTHER.toString(),
      'policy.yaml': KEYLESS,
      'cosign.pub': createTestKey().publicKeyPem,
      'key.yaml': KEYLESS.replace(/keyless:.*\n.*\n/, 'key: { file: cosign.pub }\n'),
      'default.yaml': KEYLESS.replace('    trustRoot: corp\n', ''),
    });
    env = { COUNTERSIGN_TRUST_CACHE: folder.path('cache') };
  });
  after(async () => {
    await server.close();
    folder.close();
  });

  const trust = (...args: readonly string[]) => runCommand(['trust', ...args], { env });
  const updates = async (...args: readonly string[]) =>
    JSON.parse((await trust('update', ...args, '--output', 'json')).stdout).trustRoots;
  const verify = (policy: string, ...args: readonly string[]) =>
    runCommand(['verify', '127.0.0.1:1/a:1', '--policy', folder.path(policy), ...args], { env });

  test('without a Config: the public-good root, each authority with its window', async () => {
    const { exit, stdout } = await trust('show');
    assert.equal(exit, 0);
    assert.match(
      stdout,
      /^default {2}sha256:[0-9a-f]{64}\n {2}source {2}brought along .*\n {2}next expiry {2}20/,
    );
    assert.match(stdout, /certificate authority {2}https:\/\/fulcio.sigstore.dev\n.*CN=sigstore/);
    const { trustRoots } = JSON.parse((await trust('show', '--output', 'json')).stdout);
    assert.ok(trustRoots[0].entries.length > 5);
    assert.deepEqual(trustRoots[0].source, { kind: 'broughtAlong' });
  });

  test('what a trust root says does not act upon a terminal', async () => {
    const root = JSON.parse(SEED.toString());
    for (const one of [...root.tlogs, ...root.certificateAuthorities]) {
      one.baseUrl &&= 'https://a\u001b[2J\u202e.example';
      one.uri &&= 'https://a\u009b2J\n.example';
    }
    const place = folderOf({
      'odd.json': JSON.stringify(root),
      'config.yaml': `${HEAD}trustRoots: { default: { file: odd.json } }\n`,
    });
    const { exit, stdout } = await trust('show', '--config', place.path('config.yaml'));
    place.close();
    assert.equal(exit, 0);
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    assert.match(stdout, /^ {2}transparency log {2}https:\/\/a/m);
  });

  test('what was never fetched is said, by show and by verify, and is inconclusive', async () => {
    const shown = await trust('show', '--config', folder.path('config.yaml'));
    assert.equal(shown.exit, 3);
    assert.match(
      shown.stderr,
      /corp: never fetched \[TRUST_ROOT_MISSING\]\nhint: fetch it: countersign trust update/,
    );
    const { exit, stderr } = await verify('policy.yaml', '--config', folder.path('config.yaml'));
    assert.deepEqual([exit, /\[TRUST_ROOT_MISSING\]/.test(stderr)], [3, true]);
  });

  test('a root of TUF metadata that is something else is told with its file, before anybody is asked', async () => {
    const asked = server.requests.length;
    for (const [name, text] of [
      ['the trust root', SEED.toString()],
      ['other metadata', repository.files.get('timestamp.json')?.toString()],
      ['no JSON', '<html>'],
    ] as const) {
      const place = folderOf({
        'root.json': text ?? '',
        'config.yaml': `${HEAD}trustRoots: { corp: { tuf: { mirror: "${server.mirror}", root: { file: root.json } } } }\n`,
      });
      for (const command of ['show', 'update']) {
        const { exit, stderr } = await trust(command, '--config', place.path('config.yaml'));
        assert.equal(exit, 2, name);
        assert.match(stderr, /root\.json: trust root "corp": found no TUF metadata .*\[TRUST_ROOT_INVALID\]/);
      }
      place.close();
    }
    assert.equal(server.requests.length, asked);
  });

  test('update fetches it, then is up to date, then says what changed; nothing else asks the network', async () => {
    const config = ['--config', folder.path('config.yaml')];
    const first = await trust('update', ...config);
    assert.equal(first.exit, 0, 'the public-good instance, which this Config does not name, was not asked');
    assert.match(first.stdout, /^corp: updated, sha256:\w+\n {2}127\.0\.0\.1:\d+: root 1, timestamp 1/m);
    assert.match((await trust('update', ...config)).stdout, /^corp: up to date/m);
    const [same] = await updates(...config);
    const [{ fingerprint }] = JSON.parse((await trust('show', '--output', 'json')).stdout).trustRoots;
    const versions = { root: 1, timestamp: 1, snapshot: 1, targets: 1 };
    const upToDate = { status: 'upToDate', fingerprint, kept: true, versions, added: [], removed: [] };
    assert.deepEqual(same, { name: 'corp', mirror: server.mirror, ...upToDate });
    repository.publish(OTHER);
    const apart = { env: { COUNTERSIGN_TRUST_CACHE: folder.path('apart') } };
    const fresh = await runCommand(['trust', 'update', ...config, '--output', 'json'], apart);
    const [elsewhere] = JSON.parse(fresh.stdout).trustRoots;
    assert.deepEqual([elsewhere.status, elsewhere.removed], ['updated', []]);
    assert.ok(elsewhere.added.some(({ kind }: { kind: string }) => kind === 'transparency log'));
    const changed = await trust('update', ...config);
    assert.match(
      changed.stdout,
      /^corp: updated.*\n.*timestamp 2.*\n {2}- timestamp authority https:\S+ sha256:\w+, from 20\S+ until 20\S+\n$/,
    );
    const asked = server.requests.length;
    const shown = await trust('show', ...config);
    assert.equal(shown.exit, 0);
    assert.match(shown.stdout, /^corp {2}.*\n {2}source {2}127\.0\.0\.1:\d+, as it was at 20\S+Z\n/m);
    const { trustRoots } = JSON.parse((await trust('show', ...config, '--output', 'json')).stdout);
    const { kind, mirror, refreshedAt } = trustRoots.at(-1).source;
    assert.deepEqual([kind, mirror], ['kept', server.mirror]);
    assert.ok(Math.abs(Date.parse(refreshedAt) - Date.now()) < 600_000);
    assert.doesNotMatch((await verify('policy.yaml', ...config)).stderr, /TRUST_ROOT/);
    assert.equal(server.requests.length, asked);
  });

  test('a repository that cannot be reached is inconclusive, and what was kept stays', async () => {
    const config = ['--config', folder.path('config.yaml')];
    server.twist((_path, response) => {
      response.writeHead(500).end();
      return true;
    });
    const { exit, stderr } = await trust('update', ...config);
    const inJson = await trust('update', ...config, '--output', 'json');
    server.twist(() => false);
    assert.equal(exit, 3);
    assert.deepEqual([inJson.exit, inJson.stderr], [3, stderr]);
    const [failed] = JSON.parse(inJson.stdout).trustRoots;
    assert.deepEqual([failed.status, failed.error.code], ['failed', 'TRUST_REFRESH_FAILED']);
    assert.match(failed.error.message, /the answer was 500$/);
    assert.match(stderr, /trust root "corp": 127\.0\.0\.1:\d+: the answer was 500 \[TRUST_REFRESH_FAILED\]/);
    assert.equal((await trust('show', ...config)).exit, 0);
  });

  test('a Config without a repository has nothing to update', async () => {
    const { exit, stdout } = await trust('update', '--config', folder.path('other.yaml'));
    assert.deepEqual([exit, stdout], [0, 'no trust root comes from a TUF repository: nothing to update\n']);
    assert.deepEqual(await updates('--config', folder.path('other.yaml')), []);
  });

  test('a policy that names what the Config does not have', async () => {
    const { exit, stderr } = await verify('policy.yaml');
    assert.equal(exit, 2);
    assert.match(
      stderr,
      /signer "\w+" of policy "\w+": found the trust root "corp", wanted one of the Config: "default" \[TRUST_ROOT_UNKNOWN\]/,
    );
  });

  test('show says what is in a file, without a Config', async () => {
    const { exit, stdout } = await trust('show', '--trusted-root', folder.path('trusted_root.json'));
    assert.equal(exit, 0);
    assert.match(stdout, /^default {2}sha256:.*\n {2}source {2}\/.*trusted_root\.json\n/);
    assert.doesNotMatch(stdout, /timestamp authority/);
    assert.equal((await trust('show', '--trusted-root', folder.path('root.json'))).exit, 2);
  });

  test('--trusted-root stands in the place of the default, and is read only where it is needed', async () => {
    const broken = await verify('default.yaml', '--trusted-root', folder.path('root.json'));
    assert.deepEqual([broken.exit, /\[TRUST_ROOT_INVALID\]/.test(broken.stderr)], [2, true]);
    const keyed = await verify('key.yaml', '--trusted-root', folder.path('root.json'));
    assert.doesNotMatch(keyed.stderr, /TRUST_ROOT/, 'keys alone need no trust root');
    const good = await verify('default.yaml', '--trusted-root', folder.path('trusted_root.json'));
    assert.doesNotMatch(good.stderr, /TRUST_ROOT/);
  });
});
