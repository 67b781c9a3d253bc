// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { DEFAULT_CONFIG } from '../../src/config/index.ts';
import type { TrustRootConfig } from '../../src/config/trust-root-config.ts';
import { CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { createFileClient, type FileClient } from '../../src/registry/index.ts';
import { loadTrustRoot, refreshTrustRoot, tufSourceOf } from '../../src/trust/index.ts';
import { publicGoodSeed } from '../../src/trust/seed.ts';
import { createTufRepository, serveTuf, type TufRepository } from '../support/tuf-repository.ts';
import { skipWithoutVectors, vectorsPath } from '../support/vectors.ts';

/** Two trust roots that differ. */
const ONE = publicGoodSeed().trustedRoot;
const OTHER = Buffer.from(JSON.stringify({ ...JSON.parse(ONE.toString('utf8')), timestampAuthorities: [] }));
const NOW = 1_800_000_000_000;

describe('a refresh from a TUF repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-trust-'));
  let cacheFolder: string;
  let count = 0;
  let repository: TufRepository;
  let server: Awaited<ReturnType<typeof serveTuf>>;
  let client: FileClient;
  let from: TrustRootConfig;

  beforeEach(async () => {
    repository = createTufRepository();
    repository.publish(ONE);
    server = await serveTuf(repository.files);
    count += 1;
    cacheFolder = join(folder, `cache-${count}`);
    const root = join(folder, `root-${count}.json`);
    writeFileSync(root, repository.root);
    from = { kind: 'tuf', mirror: server.mirror, root, target: 'trusted_root.json', refreshHours: 24 };
    client = clientOf();
  });
  afterEach(async () => {
    await client.close();
    await server.close();
  });
  after(() => rmSync(folder, { recursive: true }));

  const clientOf = (idleMs?: number) =>
    createFileClient({
      config: DEFAULT_CONFIG,
      named: [],
      allowLoopback: true,
      ...(idleMs === undefined ? {} : { transport: { idleMs } }),
    });

  function refresh(
    surroundings: { cacheFolder?: string } = { cacheFolder },
    signal = new AbortController().signal,
  ) {
    const source = tufSourceOf('corp', from, surroundings);
    assert.ok(source);
    return refreshTrustRoot(source, client, { signal, now: NOW });
  }

  const kept = () => loadTrustRoot('corp', from, { cacheFolder })?.fingerprint;

  async function refused(pattern: RegExp): Promise<void> {
    const before = kept();
    await assert.rejects(refresh(), (error) => {
      assert.ok(error instanceof CountersignError);
      assert.equal(error.code, 'TRUST_REFRESH_FAILED');
      assert.match(error.message, pattern);
      return true;
    });
    assert.equal(kept(), before, 'what was good last stays');
  }

  test('brings the root, keeps it, and says what changed', async () => {
    assert.equal(kept(), undefined);
    const first = await refresh();
    assert.deepEqual([first.changed, first.kept], [true, true]);
    assert.equal(kept(), first.root.fingerprint);
    const again = await refresh();
    assert.equal(again.changed, false);
    assert.ok(
      !server.requests.slice(-2).some(({ path }) => path.startsWith('targets/')),
      'not fetched twice',
    );

    repository.publish(OTHER);
    const next = await refresh();
    assert.equal(next.changed, true);
    assert.notEqual(next.root.fingerprint, first.root.fingerprint);
    assert.equal(next.versions.get('timestamp.json'), 2);
    assert.equal(kept(), next.root.fingerprint);
  });

  test('sends nobody’s credentials, and leaves nothing but one file behind', async () => {
    await refresh();
    for (const { headers } of server.requests) {
      assert.equal(headers['authorization'], undefined);
      assert.equal(headers['cookie'], undefined);
    }
    assert.equal(readdirSync(cacheFolder).length, 1);
  });

  test('works without a folder that can be written, and says so', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    for (const place of [{}, { cacheFolder: join(file, 'cache') }]) {
      const refreshed = await refresh(place);
      assert.deepEqual([refreshed.kept, refreshed.changed], [false, true]);
    }
  });

  test('follows the chain of roots', async () => {
    await refresh();
    repository.rotate();
    repository.rotate();
    repository.publish(OTHER);
    const { changed, versions } = await refresh();
    assert.deepEqual([changed, versions.get('root.json')], [true, 3]);
  });

  test('begins anew where what was kept is damaged', async () => {
    await refresh();
    const [name = ''] = readdirSync(cacheFolder);
    for (const text of ['', '{}', '{"metadata":{"root.json":"AAAA"}}', '{"metadata":[]}']) {
      writeFileSync(join(cacheFolder, name), text);
      assert.equal(kept(), undefined, text);
      assert.equal((await refresh()).changed, true, text);
    }
  });

  test('does not begin with what somebody else could have written', async () => {
    await refresh();
    const [name = ''] = readdirSync(cacheFolder);
    const path = join(cacheFolder, name);
    const good = kept();
    const elsewhere = join(folder, `elsewhere-${count}`);
    renameSync(path, elsewhere);
    symlinkSync(elsewhere, path);
    assert.equal(kept(), undefined, 'a link');
    rmSync(path);
    renameSync(elsewhere, path);
    assert.equal(kept(), good);
    chmodSync(path, 0o606);
    assert.equal(kept(), undefined, 'a file that everybody can write');
    rmSync(path);
    mkdirSync(path);
    assert.equal(kept(), undefined, 'a folder');
  });

  test('writes nothing where the names of what was kept lead', async () => {
    await refresh();
    const [name = ''] = readdirSync(cacheFolder);
    const path = join(cacheFolder, name);
    const value = JSON.parse(readFileSync(path, 'utf8'));
    const victim = join(folder, `victim-${count}.json`);
    const ways = [victim, `../../../../../../../..${victim}`, `${'../'.repeat(9)}${victim}`, '..', '.json'];
    for (const way of ways) value.metadata[way] = Buffer.from('theirs').toString('base64');
    writeFileSync(path, JSON.stringify(value));
    assert.equal((await refresh()).changed, false);
    assert.equal(existsSync(victim), false);
  });

  test('what was kept and is no trust root is fetched again', async () => {
    const first = await refresh();
    const [name = ''] = readdirSync(cacheFolder);
    const path = join(cacheFolder, name);
    const value = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...value, target: Buffer.from('{}').toString('base64') }));
    assert.equal(kept(), undefined);
    assert.equal((await refresh()).root.fingerprint, first.root.fingerprint);
    assert.equal(kept(), first.root.fingerprint);
  });

  test('does not put back what is old where another process keeps something newer', async () => {
    const source = tufSourceOf('corp', from, { cacheFolder });
    assert.ok(source);
    const options = { signal: new AbortController().signal, now: NOW };
    await refreshTrustRoot(source, client, options);
    repository.publish(OTHER);
    const newer = await refresh();
    server.twist((_path, response) => {
      response.writeHead(503).end();
      return true;
    });
    await assert.rejects(refreshTrustRoot(source, client, options), /503/);
    assert.equal(kept(), newer.root.fingerprint);
  });

  test('what a repository sends does not act upon a terminal', async () => {
    repository.files.set('timestamp.json', Buffer.from('\u001b[2J\u001b]0;title\u0007\u202everified\n'));
    await assert.rejects(refresh(), (error) => {
      assert.ok(error instanceof CountersignError);
      assert.doesNotMatch(error.message, /[\p{Cc}\p{Cf}]/u);
      return true;
    });
  });

  test('of another root in the Config nothing that was kept before counts', async () => {
    await refresh();
    const stranger = createTufRepository();
    assert.ok(from.kind === 'tuf' && from.root !== undefined);
    writeFileSync(from.root, stranger.root);
    assert.equal(kept(), undefined);
    await refused(/signed|signature/);
  });

  const REFUSED: readonly (readonly [string, (repository: TufRepository) => void, RegExp])[] = [
    ['an older timestamp', (one) => one.publish(OTHER, { versions: { timestamp: 1 } }), /less than current/],
    [
      'an older snapshot under a newer timestamp',
      (one) => one.publish(OTHER, { versions: { snapshot: 1 } }),
      /less than current/,
    ],
    [
      'older targets under a newer snapshot',
      (one) => one.publish(OTHER, { versions: { targets: 1 } }),
      /less than current/,
    ],
    ...(['timestamp', 'snapshot', 'targets'] as const).flatMap((role) => [
      [
        `expired metadata of ${role}`,
        (one: TufRepository) => one.publish(OTHER, { expires: { [role]: '2026-01-01T00:00:00Z' } }),
        /expired/,
      ] as const,
      [
        `metadata of ${role} by a stranger`,
        (one: TufRepository) => one.publish(OTHER, { forged: role }),
        /signed by/,
      ] as const,
    ]),
    ['a target of another hash', (one) => one.publish(OTHER, { served: flipped(OTHER) }), /hash/],
    ['a target that is shorter', (one) => one.publish(OTHER, { served: OTHER.subarray(1) }), /length/],
    [
      'a target that is longer than it says',
      (one) => one.publish(OTHER, { served: Buffer.concat([OTHER, OTHER]) }),
      /larger than/,
    ],
    [
      'a target that says it is huge',
      (one) => one.publish(OTHER, { length: LIMITS.tufDocumentBytes + 1 }),
      /at most 1048576/,
    ],
    ['a new root of a stranger', (one) => one.rotate('as a stranger'), /signed by/],
    ['a new root that leaves out a version', (one) => one.rotate('two versions on'), /version/],
    ['a new root that has expired', (one) => one.rotate('expired'), /root.json is expired/],
    ['a root that is no JSON', (one) => one.files.set('2.root.json', Buffer.from('<html>')), /JSON/],
    ['no timestamp', (one) => one.files.delete('timestamp.json'), /404/],
  ];

  for (const [what, spoil, pattern] of REFUSED) {
    test(`refuses ${what}`, async () => {
      repository.publish(ONE);
      await refresh();
      spoil(repository);
      await refused(pattern);
    });
  }

  test('refuses a repository without that target', async () => {
    assert.ok(from.kind === 'tuf');
    from = { ...from, target: 'other.json' };
    await refused(/no target "other.json"/);
  });

  test('refuses what is no trust root, though it is signed', async () => {
    await refresh();
    const before = kept();
    repository.publish(Buffer.from('{}'));
    await assert.rejects(refresh(), { code: 'TRUST_ROOT_INVALID' });
    assert.equal(kept(), before);
  });

  test('keeps what it has seen of metadata though the target cannot be had: no way back', async () => {
    await refresh();
    const old = new Map(repository.files);
    repository.publish(OTHER, { served: flipped(OTHER) });
    await refused(/hash/);
    for (const [path, bytes] of old) repository.files.set(path, bytes);
    await refused(/less than current/);
  });

  test('a mirror that is down, one that does not answer, one that never ends', async () => {
    await refresh();
    server.twist((_path, response) => {
      response.writeHead(503).end();
      return true;
    });
    await refused(/503/);
    server.twist((_path, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
      return true;
    });
    await refused(/larger than 512000 bytes/);
    await client.close();
    client = clientOf(100);
    server.twist(() => true);
    await refused(/no answer/);
    await server.close();
    await refused(/connection (?:refused|closed|reset)|closed the connection/);
    server = await serveTuf(repository.files);
  });

  test('a redirect to an address that nobody named', async () => {
    await refresh();
    server.twist((_path, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      return true;
    });
    await refused(/169\.254\.169\.254/);
  });

  test('is given up with its signal', async () => {
    server.twist(() => true);
    const ending = new AbortController();
    const refreshing = refresh({}, ending.signal);
    ending.abort();
    await assert.rejects(refreshing, { code: 'TRUST_REFRESH_FAILED' });
  });

  test('without permission for loopback, as in the server, asks nobody', async () => {
    await client.close();
    client = createFileClient({ config: DEFAULT_CONFIG, named: [], allowLoopback: false });
    await assert.rejects(refresh(), /without TLS/);
    assert.equal(server.requests.length, 0);
  });
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}

describe('the repository of the public-good instance, at a time inside its windows', {
  skip: skipWithoutVectors,
}, () => {
  const bytes = (path: string) => readFileSync(vectorsPath('trust', path));
  const folder = mkdtempSync(join(tmpdir(), 'countersign-trust-'));
  after(() => rmSync(folder, { recursive: true }));

  async function refreshAt(moment: string, context: { mock: { timers: MockTimers } }) {
    const files = new Map<string, Buffer>();
    for (const name of readdirSync(vectorsPath('trust/metadata/root_history'))) {
      files.set(name, bytes(`metadata/root_history/${name}`));
    }
    const version = (name: string) =>
      JSON.parse(bytes(`metadata/${name}.json`).toString('utf8')).signed.version;
    files.set('timestamp.json', bytes('metadata/timestamp.json'));
    for (const name of ['snapshot', 'targets']) {
      files.set(`${version(name)}.${name}.json`, bytes(`metadata/${name}.json`));
    }
    const server = await serveTuf(files);
    server.twist((path, response) => {
      const target = /^targets\/[0-9a-f]+\.(trusted_root\.json)$/.exec(path)?.[1];
      if (target === undefined) return false;
      response.end(bytes(`targets/${target}`));
      return true;
    });
    const root = join(folder, '1.root.json');
    writeFileSync(root, bytes('metadata/root_history/1.root.json'));
    const client = createFileClient({ config: DEFAULT_CONFIG, named: [], allowLoopback: true });
    try {
      context.mock.timers.enable({ apis: ['Date'], now: Date.parse(moment) });
      const from = {
        kind: 'tuf',
        mirror: server.mirror,
        root,
        target: 'trusted_root.json',
        refreshHours: 24,
      } as const;
      const source = tufSourceOf('good', from, {});
      assert.ok(source);
      return await refreshTrustRoot(source, client, { signal: new AbortController().signal, now: 0 });
    } finally {
      await client.close();
      await server.close();
    }
  }

  test('the chain from root 1 to 15, and the trust root', async (context) => {
    const { root, versions } = await refreshAt('2026-08-25T00:00:00Z', context);
    assert.equal(versions.get('root.json'), 15);
    assert.ok(root.certificateAuthorities.length >= 2);
  });

  test('is expired three days later', async (context) => {
    await assert.rejects(refreshAt('2026-08-29T00:00:00Z', context), /expired/);
  });
});

type MockTimers = { enable(options: { apis: ['Date']; now: number }): void };
