// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startTestRegistry, type TestAuth, type TestRegistry } from '../../src/testing/index.ts';

const users = [
  { username: 'alice', password: 's3cret' },
  { username: 'bob', password: 'pa:ss', repositories: ['bob/app'] },
];
const basic = (username: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});
const alice = basic('alice', 's3cret');
const bob = basic('bob', 'pa:ss');

async function registryFor(t: TestContext, auth: TestAuth) {
  const registry = await startTestRegistry({ auth });
  t.after(() => registry.close());
  registry.pushImage('acme/web', { tag: 'a' });
  return registry;
}

const pull = (registry: TestRegistry, headers: Record<string, string> = {}) =>
  fetch(`${registry.url}/v2/acme/web/manifests/a`, { headers });
const push = (registry: TestRegistry, repository: string, headers: Record<string, string> = {}) =>
  fetch(`${registry.url}/v2/${repository}/manifests/b`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json', ...headers },
    body: '{}',
  });

async function tokenFor(registry: TestRegistry, scope: string, headers: Record<string, string> = {}) {
  const query = new URLSearchParams({ service: 'registry.test', scope });
  const response = await fetch(`${registry.url}/token?${query}`, { headers });
  const body = (await response.json()) as Record<string, string>;
  const token = body['token'] ?? body['access_token'] ?? '';
  return { status: response.status, body, headers: { authorization: `Bearer ${token}` } };
}

test('basic: no or wrong credentials are 401 with a challenge, foreign repositories 403', async (t) => {
  const registry = await registryFor(t, { kind: 'basic', users });
  const refused = await pull(registry);
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic realm="/);
  assert.equal((await pull(registry, basic('alice', 'wrong'))).status, 401);
  assert.equal((await pull(registry, bob)).status, 403);
  assert.equal((await pull(registry, alice)).status, 200);
  assert.equal((await push(registry, 'bob/app', bob)).status, 201);
  assert.equal((await fetch(`${registry.url}/v2/`)).status, 401);
  assert.deepEqual(
    registry.requests.slice(0, 2).map(({ authorization }) => authorization),
    ['none', 'basic'],
  );
});

test('basic: anonymous pulls where allowed, never pushes', async (t) => {
  const registry = await registryFor(t, { kind: 'basic', users, anonymousPull: true });
  assert.equal((await pull(registry)).status, 200);
  assert.equal((await push(registry, 'acme/web')).status, 401);
  assert.equal((await fetch(`${registry.url}/v2/`)).status, 200);
});

test('pull-only repositories take no push from anybody', async (t) => {
  const pullOnly = ['acme/web'];
  for (const auth of [
    { kind: 'basic', users, pullOnly } as const,
    { kind: 'anonymous', pullOnly } as const,
  ]) {
    const registry = await registryFor(t, auth);
    assert.equal((await pull(registry, alice)).status, 200);
    assert.equal((await push(registry, 'acme/web', alice)).status, 403);
    assert.equal((await push(registry, 'acme/other', alice)).status, 201);
  }
});

test('bearer: the challenge names realm, service and scope, and its token opens', async (t) => {
  const registry = await registryFor(t, { kind: 'bearer', users, anonymousPull: true });
  const refused = await pull(registry);
  assert.equal(refused.status, 401);
  assert.equal(
    refused.headers.get('www-authenticate'),
    `Bearer realm="${registry.url}/token",service="registry.test",scope="repository:acme/web:pull"`,
  );
  const { status, body, headers } = await tokenFor(registry, 'repository:acme/web:pull,push');
  assert.equal(status, 200);
  assert.equal(body['expires_in'], 300);
  assert.equal((await pull(registry, headers)).status, 200);
  const pushed = await push(registry, 'acme/web', headers);
  assert.equal(pushed.status, 401);
  assert.match(pushed.headers.get('www-authenticate') ?? '', /error="insufficient_scope"$/);
  assert.deepEqual(
    registry.requests.map(({ kind, authorization }) => [kind, authorization]),
    [
      ['manifest', 'none'],
      ['token', 'none'],
      ['manifest', 'bearer'],
      ['manifest', 'bearer'],
    ],
  );
});

test('bearer: credentials where demanded, rights by user, several scopes in one token', async (t) => {
  const registry = await registryFor(t, { kind: 'bearer', users, tokenField: 'access_token' });
  assert.equal((await tokenFor(registry, 'repository:acme/web:pull')).status, 401);
  assert.equal((await tokenFor(registry, 'repository:acme/web:pull', basic('alice', 'no'))).status, 401);
  const foreign = await tokenFor(registry, 'repository:acme/web:pull', bob);
  assert.equal((await pull(registry, foreign.headers)).status, 401);
  const scopes = 'repository:acme/web:pull repository:acme/other:pull,push';
  const { headers, body } = await tokenFor(registry, scopes, alice);
  assert.ok(body['access_token'] && !body['token']);
  assert.equal((await pull(registry, headers)).status, 200);
  assert.equal((await push(registry, 'acme/other', headers)).status, 201);
  assert.equal((await fetch(`${registry.url}/v2/`, { headers })).status, 200);
});

test('bearer: expired and revoked tokens are 401 invalid_token', async (t) => {
  const expired = await registryFor(t, { kind: 'bearer', users, anonymousPull: true, expiresIn: 0 });
  const { headers } = await tokenFor(expired, 'repository:acme/web:pull');
  assert.match(
    (await pull(expired, headers)).headers.get('www-authenticate') ?? '',
    /error="invalid_token"$/,
  );
  const registry = await registryFor(t, { kind: 'bearer', users, anonymousPull: true });
  const live = await tokenFor(registry, 'repository:acme/web:pull');
  assert.equal((await pull(registry, live.headers)).status, 200);
  registry.revokeTokens();
  assert.equal((await pull(registry, live.headers)).status, 401);
});

test('bearer: the realm can be another host', async (t) => {
  const registry = await registryFor(t, { kind: 'bearer', users, realm: 'https://auth.example/token' });
  assert.match(
    (await pull(registry)).headers.get('www-authenticate') ?? '',
    /realm="https:\/\/auth\.example\/token"/,
  );
});
