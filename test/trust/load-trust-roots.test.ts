// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DEFAULT_CONFIG, loadConfigFile } from '../../src/config/index.ts';
import { PUBLIC_GOOD_TUF } from '../../src/config/trust-root-config.ts';
import { CountersignError } from '../../src/errors.ts';
import { createTestCa, createTestKey } from '../../src/testing/index.ts';
import { loadTrustRoots, snapshotOf, trustCacheFolder } from '../../src/trust/index.ts';
import { publicGoodSeed } from '../../src/trust/seed.ts';
import { openTufStore } from '../../src/trust/tuf-store.ts';

const SEED = publicGoodSeed();
/** As a trust root that Sigstore might publish later. */
const NEWER = Buffer.from(
  JSON.stringify({ ...JSON.parse(SEED.trustedRoot.toString()), timestampAuthorities: [] }),
);

describe('loading trust roots', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-trust-'));
  after(() => rmSync(folder, { recursive: true }));

  function configOf(body: string, files: Readonly<Record<string, string>> = {}) {
    const path = join(folder, 'config.yaml');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(path, `apiVersion: countersign.dev/v1\nkind: Config\n${body}`);
    return loadConfigFile(path);
  }

  test('without a Config there is the public-good root, frozen, and always the same', () => {
    const trust = loadTrustRoots(DEFAULT_CONFIG);
    assert.deepEqual([...trust.roots.keys()], ['default']);
    assert.ok(Object.isFrozen(trust));
    assert.match(trust.fingerprint, /^sha256:[0-9a-f]{64}$/);
    assert.equal(loadTrustRoots(DEFAULT_CONFIG).fingerprint, trust.fingerprint);
  });

  test('every kind, by name, and only those asked for', () => {
    const config = configOf(
      `trustRoots:
  disk: { file: trusted_root.json }
  pki: { files: { certificateChain: { file: ca.pem }, rekorKeys: [{ file: log.pub }, { file: log.pub, origin: log.corp.example }] } }
  good: { publicGood: {} }
  far: { tuf: { mirror: "https://tuf.example", root: { file: root.json } } }
`,
      {
        'trusted_root.json': SEED.trustedRoot.toString(),
        'ca.pem': createTestCa().certificate,
        'log.pub': createTestKey().publicKeyPem,
        'root.json': SEED.root.toString(),
      },
    );
    const { roots } = loadTrustRoots(config);
    assert.deepEqual([...roots.keys()].sort(), ['default', 'disk', 'good', 'pki'], 'far was never fetched');
    assert.equal(roots.get('pki')?.certificateAuthorities.length, 1);
    assert.deepEqual(
      roots.get('pki')?.logs.map(({ baseUrl }) => baseUrl),
      ['', 'https://log.corp.example'],
    );
    assert.deepEqual([...loadTrustRoots(config, { names: ['pki'] }).roots.keys()], ['pki']);
  });

  test('what is wrong with single files is told with the path of the file', () => {
    const config = configOf(
      'trustRoots: { pki: { files: { certificateChain: { file: ca.pem }, rekorKeys: [{ file: two.pub }] } } }\n',
      {
        'ca.pem': createTestCa().certificate,
        'two.pub': createTestKey().publicKeyPem + createTestKey().publicKeyPem,
      },
    );
    const message = `trust root "pki": rekorKeys[0] (${join(folder, 'two.pub')}): more than one PEM block; `;
    assert.throws(
      () => loadTrustRoots(config, { names: ['pki'] }),
      (error) => error instanceof CountersignError && error.message.startsWith(message),
    );
  });

  test('a name that the Config does not have: TRUST_ROOT_UNKNOWN, with those that it has', () => {
    assert.throws(
      () => loadTrustRoots(DEFAULT_CONFIG, { names: ['corp'] }),
      (error) => {
        assert.ok(error instanceof CountersignError && error.code === 'TRUST_ROOT_UNKNOWN');
        assert.match(error.message, /found the trust root "corp".*"default"/);
        return true;
      },
    );
  });

  test('a file that is no trust root, or is gone', () => {
    const config = configOf('trustRoots: { default: { file: broken.json } }', { 'broken.json': '{}' });
    assert.throws(() => loadTrustRoots(config), { code: 'TRUST_ROOT_INVALID' });
    rmSync(join(folder, 'broken.json'));
    assert.throws(() => loadTrustRoots(config), { code: 'FILE_UNREADABLE' });
  });

  describe('what `trust update` kept', () => {
    const cacheFolder = join(folder, 'cache');
    const store = openTufStore(cacheFolder, PUBLIC_GOOD_TUF, 'seed');
    const keep = (root: Buffer) =>
      store.write({ metadata: new Map([['root.json', root]]), target: NEWER, refreshedAt: 1 });
    const fingerprint = (body?: string) =>
      loadTrustRoots(body === undefined ? DEFAULT_CONFIG : configOf(body), { cacheFolder }).roots.get(
        'default',
      )?.fingerprint;
    const seeded = loadTrustRoots(DEFAULT_CONFIG).roots.get('default')?.fingerprint;

    test('is the default, and that of the repository by name, but not where the seed was asked for', () => {
      assert.equal(keep(SEED.root), true);
      assert.notEqual(fingerprint(), seeded);
      assert.equal(fingerprint('trustRoots: { default: { tuf: {} } }'), fingerprint());
      assert.equal(fingerprint('trustRoots: { default: { publicGood: {} } }'), seeded);
    });

    test('does not count where the seed is newer', () => {
      const { signed } = JSON.parse(SEED.root.toString());
      keep(Buffer.from(JSON.stringify({ signed: { ...signed, version: signed.version - 1 } })));
      assert.equal(fingerprint(), seeded);
    });

    test('is written as a whole or not at all', () => {
      const before = readdirSync(cacheFolder);
      mkdirSync(join(folder, 'taken'));
      const [name = ''] = before;
      mkdirSync(join(folder, 'taken', name));
      const blocked = openTufStore(join(folder, 'taken'), PUBLIC_GOOD_TUF, 'seed');
      assert.equal(blocked.write({ metadata: new Map([['root.json', SEED.root]]), refreshedAt: 1 }), false);
      assert.deepEqual(readdirSync(join(folder, 'taken')), [name], 'no half of it is left');
      assert.ok(blocked.read(), 'memory has it');
    });
  });
});

test('a root that did not change stays the object that it was', () => {
  const before = loadTrustRoots(DEFAULT_CONFIG);
  const same = loadTrustRoots(DEFAULT_CONFIG);
  assert.equal(snapshotOf(same.roots.values(), before), before);
  const [root] = same.roots.values();
  assert.ok(root);
  const more = snapshotOf([root, { ...root, name: 'other' }], before);
  assert.equal(more.roots.get('default'), before.roots.get('default'));
  assert.notEqual(more.fingerprint, before.fingerprint);
});

test('where trust roots are kept', () => {
  const folders = [
    { COUNTERSIGN_TRUST_CACHE: '/own', XDG_CACHE_HOME: '/xdg', HOME: '/home/a' },
    { XDG_CACHE_HOME: '/xdg', HOME: '/home/a' },
    { XDG_CACHE_HOME: '', HOME: '/home/a' },
    {},
  ].map(trustCacheFolder);
  assert.deepEqual(folders, [
    '/own',
    '/xdg/countersign/trust',
    '/home/a/.cache/countersign/trust',
    undefined,
  ]);
});
