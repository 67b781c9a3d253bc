// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEFAULT_CONFIG } from '../../src/config/index.ts';
import type { TrustRootConfig } from '../../src/config/trust-root-config.ts';
import { createFileClient } from '../../src/registry/index.ts';
import type { TrustOptions } from '../../src/server/trust-repositories.ts';
import { publicGoodSeed } from '../../src/trust/seed.ts';
import type { TrustRoots } from '../../src/verify/index.ts';
import {
  EXEMPT_ALL,
  post,
  probe,
  reviewOf,
  startTestServer,
  stubEngine,
} from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/mounted-volume.ts';
import { createTufRepository, serveTuf } from '../support/tuf-repository.ts';

const BODY = JSON.stringify(reviewOf());
const SEED = publicGoodSeed().trustedRoot;
const OTHER = Buffer.from(JSON.stringify({ ...JSON.parse(SEED.toString()), timestampAuthorities: [] }));
const KEYLESS = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers:
  ann: { trustRoot: corp, keyless: { issuer: https://a.example, subject: ann@a.example } }
rules:
  - { name: corp, images: ["corp.example/**"], require: ann }
  - { name: all, images: ["**"], allow: { reason: test, until: never } }
`;

/** A server with these trust roots, and what its engine was given last. */
async function serverWith(
  t: TestContext,
  roots: Record<string, TrustRootConfig>,
  more: Partial<TrustOptions> = {},
  options: { readonly policies?: readonly string[] } = {},
) {
  const trust: TrustOptions = { config: { trustRoots: new Map(Object.entries(roots)) }, ...more };
  let seen: TrustRoots | undefined;
  const engine = stubEngine({
    async validate(body, deps, call) {
      seen = deps.trust;
      return stubEngine().validate(body, deps, call);
    },
  });
  const server = await startTestServer(t, { engine, trust, ...options });
  const ask = async () => {
    await post(server, BODY);
    assert.ok(seen);
    return seen;
  };
  const ready = async () => {
    const { status, json } = await probe(server, '/readyz');
    return { status, trust: Object(json()['trust']) };
  };
  return { server, ask, ready };
}

test('a new file of a trust root holds from the next request on, a broken one leaves the old one', async (t) => {
  const path = join(temporaryFolder(t), 'trusted_root.json');
  writeFileSync(path, SEED);
  const { server, ask, ready } = await serverWith(t, { default: { kind: 'file', path } });
  const first = await ask();
  assert.ok(Object.isFrozen(first));
  assert.equal(await ask(), first, 'one snapshot for all requests');

  writeFileSync(path, '{}');
  await eventually('the failed load', async () => (await ready()).trust.roots[0].lastRefresh === 'error');
  assert.equal(await ask(), first);
  assert.equal((await ready()).status, 200);

  writeFileSync(path, OTHER);
  await eventually('the new root', async () => (await ask()).fingerprint !== first.fingerprint);
  const { trust } = await ready();
  assert.deepEqual([trust.ok, trust.roots[0].name, trust.roots[0].lastRefresh], [true, 'default', 'ok']);
  assert.ok(Date.parse(trust.roots[0].nextExpiry) > Date.now());
  assert.equal(trust.roots[0].fingerprint, (await ask()).roots.get('default')?.fingerprint);
  const metrics = (await probe(server, '/metrics')).text;
  assert.match(metrics, /^countersign_trust_root_next_expiry_timestamp_seconds\{root="default"\} \d/m);
  assert.match(metrics, /^countersign_trust_reloads_total\{result="error"\} 1$/m);
});

test('a root of a repository: not ready without it, fetched beside the requests, kept when the repository fails', async (t) => {
  const repository = createTufRepository();
  const remote = await serveTuf(repository.files);
  t.after(() => remote.close());
  const folder = temporaryFolder(t);
  const root = join(folder, 'root.json');
  writeFileSync(root, repository.root);
  const client = createFileClient({ config: DEFAULT_CONFIG, named: [], allowLoopback: true });
  t.after(() => client.close());
  const corp = {
    kind: 'tuf',
    mirror: remote.mirror,
    root,
    target: 'trusted_root.json',
    refreshHours: 24,
  } as const;
  const backoff = { firstMs: 20, longestMs: 20 };
  const options = { client, backoff, cacheFolder: join(folder, 'cache') };
  const policy = join(folder, 'policy.yaml');
  writeFileSync(policy, KEYLESS);
  const { server, ask, ready } = await serverWith(t, { corp }, options, { policies: [policy] });
  assert.deepEqual(await ready(), { status: 503, trust: { ok: false, roots: [] } });
  assert.equal((await ask()).roots.size, 0, 'requests are answered all the same');

  repository.publish(SEED);
  await eventually('readiness', async () => (await ready()).status === 200);
  assert.deepEqual([...(await ask()).roots.keys()], ['corp']);
  const metrics = (await probe(server, '/metrics')).text;
  assert.match(metrics, /^countersign_trust_refreshes_total\{root="corp",result="ok"\} 1$/m);
  assert.match(metrics, /^countersign_trust_refreshes_total\{root="corp",result="error"\} [1-9]/m);
  const warnings = server.lines.filter(({ message }) =>
    message.startsWith('a trust root could not be refreshed'),
  );
  assert.equal(Object(warnings[0])['code'], 'TRUST_REFRESH_FAILED');

  repository.files.clear();
  const again = await serverWith(t, { corp }, options);
  assert.deepEqual([...(await again.ask()).roots.keys()], ['corp'], 'kept on disk, for the next start');
});

test('what is brought along is loaded where a signer needs it, before the policy is in force that names him', async (t) => {
  const { server, ask, ready } = await serverWith(t, { default: { kind: 'publicGood', orKept: true } });
  assert.deepEqual(await ready(), { status: 200, trust: { ok: true, roots: [] } });
  assert.equal((await ask()).roots.size, 0);
  assert.doesNotMatch((await probe(server, '/metrics')).text, /root="default"/);
  const loads = () => server.lines.filter(({ message }) => message === 'policies loaded').length;

  writeFileSync(server.policyFile, KEYLESS.replace('trustRoot: corp, ', ''));
  await eventually('the new policy', () => loads() === 2);
  const { status, trust } = await ready();
  assert.deepEqual([status, trust.ok, trust.roots.length, trust.roots[0].name], [200, true, 1, 'default']);
  assert.deepEqual([...(await ask()).roots.keys()], ['default']);
  const said = server.lines.map(({ message }) => message);
  assert.ok(said.lastIndexOf('trust roots loaded') < said.lastIndexOf('policies loaded'));
  const metrics = (await probe(server, '/metrics')).text;
  assert.match(metrics, /^countersign_trust_root_loaded_timestamp_seconds\{root="default"\} \d/m);
  assert.match(metrics, /^countersign_trust_reloads_total\{result="ok"\} 2$/m);
  writeFileSync(server.policyFile, EXEMPT_ALL);
  await eventually('the old policy', () => loads() === 3);
  assert.deepEqual([...(await ask()).roots.keys()], ['default'], 'kept from then on');
});

test('a server that starts with such a signer has the root from its first request on', async (t) => {
  const policy = join(temporaryFolder(t), 'policy.yaml');
  writeFileSync(policy, KEYLESS.replace('trustRoot: corp, ', ''));
  const roots = { default: { kind: 'publicGood', orKept: true } } as const;
  const { server, ask, ready } = await serverWith(t, roots, {}, { policies: [policy] });
  assert.deepEqual([...(await ask()).roots.keys()], ['default']);
  assert.equal((await ready()).trust.ok, true);
  assert.match((await probe(server, '/metrics')).text, /^countersign_trust_reloads_total\{result="ok"\} 1$/m);
});

test('a policy that names a trust root which the Config does not have leaves the old policies in force', async (t) => {
  const { server, ready } = await serverWith(t, { default: { kind: 'publicGood', orKept: true } });
  writeFileSync(server.policyFile, KEYLESS);
  await eventually('the refusal', () =>
    server.lines.some((line) => Object(line)['code'] === 'TRUST_ROOT_UNKNOWN'),
  );
  assert.equal((await ready()).status, 200);
});

test('at the start nothing is in force that could stay', async (t) => {
  const path = join(temporaryFolder(t), 'none.json');
  await assert.rejects(serverWith(t, { default: { kind: 'file', path } }), { code: 'FILE_UNREADABLE' });
  writeFileSync(path, '[]');
  await assert.rejects(serverWith(t, { default: { kind: 'file', path } }), { code: 'TRUST_ROOT_INVALID' });
  rmSync(path);
});

test('a new policy that needs a root which is not there takes no replica away that was ready', async (t) => {
  const root = join(temporaryFolder(t), 'root.json');
  writeFileSync(root, createTufRepository().root);
  const mirror = 'https://tuf.invalid';
  const corp = { kind: 'tuf', mirror, root, target: 'trusted_root.json', refreshHours: 24 } as const;
  const { server, ready } = await serverWith(t, { corp });
  assert.equal((await ready()).status, 200);
  writeFileSync(server.policyFile, KEYLESS);
  await eventually('the new policy', async () => (await ready()).trust.ok === false);
  assert.equal((await ready()).status, 200);
});
