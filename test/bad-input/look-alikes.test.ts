// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseDockerConfig } from '../../src/registry/index.ts';
import { signLegacy, startTestRegistry, type TestAuth } from '../../src/testing/index.ts';
import { lookupOf } from '../registry/world.ts';
import { assertAllowed, assertDenied, testBadImages } from '../support/bad-images.ts';
import { podReview } from '../support/reviews.ts';
import { KEYS, startWholeServer } from '../support/whole-server.ts';

const USER = { username: 'corp', password: 'corp-password' };

/** What is trusted is `reg.example/corp/**`; these only look like it. */
const LOOK_ALIKES = [
  ['another repository', 'reg.example', 'corp-evil/web'],
  ['a longer name of the last segment', 'reg.example', 'corporation/web'],
  ['a segment before', 'reg.example', 'evil/corp/web'],
  ['a host that begins alike', 'reg.example.evil.example', 'corp/web'],
  ['a host that ends alike', 'evil-reg.example', 'corp/web'],
  ['a label before', 'evil.reg.example', 'corp/web'],
  ['the host as a path', 'evil.example', 'reg.example/corp/web'],
] as const;

/** `**` stands for at least one segment. */
const FOLDER = ['the folder itself', 'reg.example', 'corp'] as const;

/** One registry that answers to every name above, and wants a login. */
async function startLookAlikes(t: TestContext, kind: 'basic' | 'bearer', rules: (host: string) => string) {
  let port = '';
  const users = [USER];
  const auth: TestAuth =
    kind === 'basic'
      ? { kind, users }
      : {
          kind,
          users,
          get realm() {
            return `http://reg.example:${port}/token`;
          },
        };
  const registry = await startTestRegistry({ auth });
  t.after(() => registry.close());
  port = registry.host.split(':')[1] ?? '';
  const hosts = [...new Set(LOOK_ALIKES.map(([, host]) => host))];
  const login = Buffer.from(`${USER.username}:${USER.password}`).toString('base64');
  const auths = { [`reg.example:${port}/corp/`]: { auth: login } };
  const server = await startWholeServer(t, {
    rules: rules(`reg.example:${port}`),
    registries: Object.fromEntries(hosts.map((host) => [`${host}:${port}`, { unsafePlainHttp: true }])),
    credentials: parseDockerConfig(JSON.stringify({ auths }), 'config.json'),
    transport: { lookup: lookupOf(Object.fromEntries(hosts.map((host) => [host, ['127.0.0.1']]))) },
  });
  /** Signed by the key that the rule for the real host trusts. */
  const push = (host: string, repository: string) => {
    const image = registry.pushImage(repository, { tag: '1' });
    signLegacy(registry, image, KEYS.release);
    return `${host}:${port}/${repository}@${image.digest}`;
  };
  return { registry, server, push };
}

const ONLY_CORP = (host: string) => `  - { name: corp, images: ["${host}/corp/**"], require: release }`;
const EXEMPT_CORP = (host: string) =>
  `  - { name: corp, images: ["${host}/corp/**"], allow: { reason: test, until: never } }`;
const AND_ALL = '\n  - { name: rest, images: ["**"], require: release }';

test('look-alikes of a host are NO_RULE, 0 registry requests', async (t) => {
  for (const rules of [ONLY_CORP, EXEMPT_CORP]) {
    const { registry, server, push } = await startLookAlikes(t, 'basic', rules);
    for (const [, host, repository] of [...LOOK_ALIKES, FOLDER]) {
      await assertDenied(server, [push(host, repository)], 'NO_RULE');
    }
    assert.equal(await server.sent(), 0);
    assert.equal(registry.requests.length, 0);
  }
});

for (const kind of ['basic', 'bearer'] as const) {
  test(`the ${kind} credential of a host goes to that host, and to no look-alike`, async (t) => {
    const { registry, server, push } = await startLookAlikes(t, kind, (host) => ONLY_CORP(host) + AND_ALL);
    for (const [name, host, repository] of LOOK_ALIKES) {
      registry.clearRequests();
      await assertDenied(server, [push(host, repository)], 'REGISTRY_UNAUTHORIZED');
      const asked = registry.requests.map((one) => `${one.kind} ${one.authorization}`).sort();
      // Bearer: the token, too, is asked for as nobody, once for both stores where they ask at the same time.
      const tokens = asked.filter((one) => one.startsWith('token'));
      assert.ok(tokens.length <= (kind === 'basic' ? 0 : 2), name);
      assert.deepEqual(asked, ['manifest none', 'referrers none', ...tokens.map(() => 'token none')], name);
    }
    registry.clearRequests();
    await assertAllowed(server, [push('reg.example', 'corp/web')]);
    assert.ok(registry.requests.some(({ authorization }) => authorization === 'basic'));
  });
}

for (const until of ['never', '2999-01-01']) {
  testBadImages([
    {
      name: `redis:7@sha256:<other> against a rule that exempts redis:7 until ${until}`,
      rules: (host) =>
        `  - { name: redis, images: ["${host}/library/redis:7"], allow: { reason: test, until: ${until} } }`,
      arrange({ registry }) {
        registry.pushImage('library/redis', { tag: '7' });
        const other = registry.pushImage('library/redis', { tag: '8', content: 'other' });
        return [`${registry.host}/library/redis:7@${other.digest}`];
      },
      code: 'TAG_DIGEST_MISMATCH',
      requests: 1,
    },
  ]);
}

test('/mutate leaves redis:7@sha256:<other> as it is, 0 registry requests', async (t) => {
  const server = await startWholeServer(t, { registries: {} });
  const image = `reg.example/library/redis:7@sha256:${'b'.repeat(64)}`;
  const answer = await server.ask(podReview([image], { uid: 'redis' }), { door: '/mutate' });
  assert.deepEqual([answer.uid, answer.allowed, answer.patch], ['redis', true, undefined]);
  assert.equal(await server.sent(), 0);
});
