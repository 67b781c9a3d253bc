// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { type Credential, type Credentials, passwordCredential } from '../../src/registry/index.ts';
import type { TestAuth } from '../../src/testing/index.ts';
import { at, clientFor, exchange, rawServer, registryFor, rejectsWith } from './world.ts';

const RIGHT = passwordCredential('alice', 's3cret');
const WRONG = passwordCredential('alice', 'wrong');
const OTHER = passwordCredential('bob', 'other');
const USERS = [
  { username: 'alice', password: 's3cret' },
  { username: 'bob', password: 'other', repositories: ['elsewhere/app'] },
];

function only(...credentials: readonly Credential[]): Credentials {
  return { find: () => credentials, warnings: [] };
}

async function protectedRegistry(t: TestContext, kind: 'basic' | 'bearer') {
  const auth: TestAuth = { kind, users: USERS };
  const registry = await registryFor(t, { auth });
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  return { registry, image, repository: at(registry.host) };
}

for (const kind of ['basic', 'bearer'] as const) {
  test(`${kind}: each credential is tried in turn, and the one that was taken comes first from then on`, async (t) => {
    const { image, repository } = await protectedRegistry(t, kind);
    const client = clientFor(t);
    const asking = { credentials: only(WRONG, OTHER, RIGHT) };
    const cold = { ...exchange(), ...asking };
    assert.equal(await client.resolveTag(repository, '1.0', cold), image.digest);
    const warm = { ...exchange(), ...asking };
    assert.equal(await client.resolveTag(repository, '1.0', warm), image.digest);
    assert.deepEqual(warm.requests, ['manifest']);
  });

  test(`${kind}: where all are refused, it is REGISTRY_UNAUTHORIZED after each was tried once`, async (t) => {
    const { registry, repository } = await protectedRegistry(t, kind);
    const asked = { ...exchange(), credentials: only(WRONG, OTHER) };
    await rejectsWith(clientFor(t).resolveTag(repository, '1.0', asked), 'REGISTRY_UNAUTHORIZED');
    const shown = registry.requests.filter(({ authorization }) => authorization === 'basic');
    assert.equal(shown.length, 2);
  });
}

test('what the asker brings is tried before our own, and ours where theirs is refused', async (t) => {
  const { registry, image, repository } = await protectedRegistry(t, 'basic');
  const client = clientFor(t, { credentials: only(RIGHT) });
  const refused = { ...exchange(), credentials: only(WRONG) };
  assert.equal(await client.resolveTag(repository, '1.0', refused), image.digest);
  assert.equal(registry.requests.filter(({ authorization }) => authorization === 'basic').length, 2);
  const own = clientFor(t, { credentials: only(WRONG) });
  const brought = { ...exchange(), credentials: only(RIGHT) };
  assert.equal(await own.resolveTag(repository, '1.0', brought), image.digest);
  assert.deepEqual(brought.requests, ['manifest', 'manifest']);
});

test('a credential that is taken no more gives way to the next', async (t) => {
  let taken = 'alice';
  const server = await rawServer(t, (request, response) => {
    const [, shown = ''] = (request.headers.authorization ?? '').split(' ');
    const [user] = Buffer.from(shown, 'base64').toString().split(':');
    if (user === taken) return response.end('{"schemaVersion":2}');
    // Who is known and may not: 403, without a challenge.
    if (user !== '') return response.writeHead(403).end();
    return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
  });
  const client = clientFor(t, { credentials: only(RIGHT, OTHER) });
  const ask = () => client.manifest(at(server.host), { tag: '1' }, exchange());
  assert.ok(await ask());
  taken = 'bob';
  assert.ok(await ask());
  server.requests.forEach(({ headers }) => {
    assert.ok(headers.authorization === undefined || headers.authorization.startsWith('Basic '));
  });
  const before = server.requests.length;
  assert.ok(await ask());
  assert.equal(server.requests.length, before + 1);
});

test('a registry that refuses nobody in particular is asked once: no credential is shown unasked', async (t) => {
  const server = await rawServer(t, (_request, response) => response.writeHead(403).end());
  const client = clientFor(t, { credentials: only(RIGHT, OTHER, WRONG) });
  await rejectsWith(client.resolveTag(at(server.host), '1', exchange()), 'REGISTRY_UNAUTHORIZED', /403/);
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

test('a set is told apart by all that is in it and by its order; repetitions count once, and it is bounded', (t) => {
  const client = clientFor(t, { credentials: only(RIGHT) });
  const idFor = (...brought: readonly Credential[]) =>
    client.credentialId(at('reg.example'), { credentials: only(...brought) });
  const ids = [idFor(), idFor(WRONG), idFor(OTHER), idFor(WRONG, OTHER), idFor(OTHER, WRONG)];
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(idFor(), RIGHT.id);
  assert.equal(idFor(RIGHT), idFor());
  assert.equal(client.credentialId(at('reg.example'), {}), idFor());
  const many = Array.from({ length: 100 }, (_, index) => passwordCredential(`user-${index}`, ''));
  assert.equal(idFor(...many).split('+').length, LIMITS.credentialsTried);
});
