// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CountersignError } from '../../src/errors.ts';
import { passwordCredential } from '../../src/registry/index.ts';
import type { TestAuth } from '../../src/testing/index.ts';
import {
  at,
  clientFor,
  credentialFor,
  exchange,
  rawServer,
  registryFor,
  rejectsWith,
  until,
} from './world.ts';

const USERS = [{ username: 'alice', password: 's3cret' }];
const WRONG = passwordCredential('alice', 'wrong');

async function protectedRegistry(t: Parameters<typeof registryFor>[0], auth: TestAuth) {
  const registry = await registryFor(t, { auth });
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  return { registry, image, repository: at(registry.host) };
}

test('anonymous token: the 401 is answered, no ping, and the token is sent along from then on', async (t) => {
  const auth: TestAuth = { kind: 'bearer', users: [], anonymousPull: true };
  const { registry, image, repository } = await protectedRegistry(t, auth);
  const client = clientFor(t);
  const cold = exchange();
  assert.equal(await client.resolveTag(repository, '1.0', cold), image.digest);
  assert.deepEqual(cold.requests, ['manifest', 'token', 'manifest']);
  const warm = exchange();
  assert.ok(await client.manifest(repository, image.digest, warm));
  assert.deepEqual(warm.requests, ['manifest']);
  assert.deepEqual(
    registry.requests.map(({ kind, authorization }) => `${kind} ${authorization}`),
    ['manifest none', 'token none', 'manifest bearer', 'manifest bearer'],
  );
});

test('a token is for one repository only', async (t) => {
  const { registry, repository } = await protectedRegistry(t, {
    kind: 'bearer',
    users: [],
    anonymousPull: true,
  });
  registry.pushImage('acme/other', { tag: '1.0' });
  const client = clientFor(t);
  await client.resolveTag(repository, '1.0', exchange());
  const other = exchange();
  await client.resolveTag(at(registry.host, 'acme/other'), '1.0', other);
  assert.deepEqual(other.requests, ['manifest', 'token', 'manifest']);
  const scopes = registry.requests.filter(({ kind }) => kind === 'token').map(({ path }) => path);
  assert.match(scopes[0] ?? '', /scope=repository%3Aacme%2Fapp%3Apull$/);
  assert.match(scopes[1] ?? '', /scope=repository%3Aacme%2Fother%3Apull$/);
});

for (const tokenField of ['token', 'access_token'] as const) {
  test(`token with a password, in the field ${tokenField}`, async (t) => {
    const auth: TestAuth = { kind: 'bearer', users: USERS, tokenField };
    const { registry, image, repository } = await protectedRegistry(t, auth);
    const client = clientFor(t, { credentials: credentialFor(registry.host) });
    assert.equal(await client.resolveTag(repository, '1.0', exchange()), image.digest);
    // The password goes to the token server, never to the registry that asks for a token.
    assert.deepEqual(
      registry.requests.map(({ kind, authorization }) => `${kind} ${authorization}`),
      ['manifest none', 'token basic', 'manifest bearer'],
    );
  });
}

test('an expired token is not sent, and a new one fetched', async (t) => {
  const { image, repository } = await protectedRegistry(t, {
    kind: 'bearer',
    users: [],
    anonymousPull: true,
    expiresIn: 1,
  });
  const client = clientFor(t);
  await client.resolveTag(repository, '1.0', exchange());
  await sleep(1_100);
  const later = exchange();
  assert.ok(await client.manifest(repository, image.digest, later));
  assert.deepEqual(later.requests, ['manifest', 'token', 'manifest']);
});

test('a token that is refused before its time is renewed once', async (t) => {
  const { registry, image, repository } = await protectedRegistry(t, {
    kind: 'bearer',
    users: [],
    anonymousPull: true,
  });
  const client = clientFor(t);
  await client.resolveTag(repository, '1.0', exchange());
  registry.revokeTokens();
  const later = exchange();
  assert.ok(await client.manifest(repository, image.digest, later));
  assert.deepEqual(later.requests, ['manifest', 'token', 'manifest']);
});

test('a token that is refused at once is REGISTRY_UNAUTHORIZED, and not kept', async (t) => {
  const server = await rawServer(t, (request, response) => {
    if (request.url?.startsWith('/token')) {
      response.end('{"token":"token-of-no-use"}');
      return;
    }
    response
      .writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` })
      .end();
  });
  const client = clientFor(t);
  for (const attempt of [exchange(), exchange()]) {
    await rejectsWith(client.resolveTag(at(server.host), '1', attempt), 'REGISTRY_UNAUTHORIZED', /401/);
    assert.deepEqual(attempt.requests, ['manifest', 'token', 'manifest']);
  }
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.authorization ?? 'none'),
    ['none', 'none', 'Bearer token-of-no-use', 'none', 'none', 'Bearer token-of-no-use'],
  );
});

test('Basic is sent only after a challenge, and along from then on', async (t) => {
  const { registry, image, repository } = await protectedRegistry(t, { kind: 'basic', users: USERS });
  const client = clientFor(t, { credentials: credentialFor(registry.host) });
  const cold = exchange();
  assert.equal(await client.resolveTag(repository, '1.0', cold), image.digest);
  assert.deepEqual(cold.requests, ['manifest', 'manifest']);
  const warm = exchange();
  assert.ok(await client.manifest(repository, image.digest, warm));
  assert.deepEqual(warm.requests, ['manifest']);
  assert.deepEqual(
    registry.requests.map(({ authorization }) => authorization),
    ['none', 'basic', 'basic'],
  );
});

test('a registry that asks for nothing never sees the credential', async (t) => {
  const { registry, repository } = await protectedRegistry(t, {
    kind: 'basic',
    users: USERS,
    anonymousPull: true,
  });
  const client = clientFor(t, { credentials: credentialFor(registry.host) });
  await client.resolveTag(repository, '1.0', exchange());
  assert.deepEqual(
    registry.requests.map(({ authorization }) => authorization),
    ['none'],
  );
});

test('wrong password: REGISTRY_UNAUTHORIZED, sent once per call', async (t) => {
  for (const kind of ['basic', 'bearer'] as const) {
    const { registry, repository } = await protectedRegistry(t, { kind, users: USERS });
    const client = clientFor(t, { credentials: credentialFor(registry.host, WRONG) });
    for (const attempt of [exchange(), exchange()]) {
      await rejectsWith(client.resolveTag(repository, '1.0', attempt), 'REGISTRY_UNAUTHORIZED');
      assert.deepEqual(attempt.requests, kind === 'basic' ? ['manifest', 'manifest'] : ['manifest', 'token']);
    }
  }
});

test('no credentials where some are wanted: REGISTRY_UNAUTHORIZED after one request', async (t) => {
  const { repository } = await protectedRegistry(t, { kind: 'basic', users: USERS });
  const asked = exchange();
  await rejectsWith(
    clientFor(t).resolveTag(repository, '1.0', asked),
    'REGISTRY_UNAUTHORIZED',
    /there are none/,
  );
  assert.deepEqual(asked.requests, ['manifest']);
});

test('403 is REGISTRY_UNAUTHORIZED, never "not found"', async (t) => {
  const { registry, repository } = await protectedRegistry(t, { kind: 'anonymous' });
  registry.fault({ kind: 'status', status: 403 });
  const client = clientFor(t);
  for (const asked of [
    client.manifest(repository, { tag: '1.0' }, exchange()),
    client.tags(repository, exchange()),
  ]) {
    await rejectsWith(asked, 'REGISTRY_UNAUTHORIZED', /403/);
  }
});

test('of several challenges Bearer is answered, of unknown ones none', async (t) => {
  const server = await rawServer(t, (request, response) => {
    if (request.url?.startsWith('/token')) return response.end('{"token":"t"}');
    if (request.headers.authorization === 'Bearer t') return response.end('{"schemaVersion":2}');
    const realm = `http://${request.headers.host}/token`;
    response.setHeader('www-authenticate', ['Negotiate abc=', `Basic realm="r", BEARER Realm="${realm}"`]);
    return response.writeHead(401).end();
  });
  const client = clientFor(t, { credentials: credentialFor(server.host) });
  assert.ok(await client.manifest(at(server.host), { tag: '1' }, exchange()));

  const strange = await rawServer(t, (_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Digest realm="x", Negotiate, "' }).end();
  });
  const other = clientFor(t, { credentials: credentialFor(strange.host) });
  await rejectsWith(other.manifest(at(strange.host), { tag: '1' }, exchange()), 'REGISTRY_UNAUTHORIZED');
  assert.equal(strange.requests.length, 1);
});

test('simultaneous requests fetch one token', async (t) => {
  const { registry, image, repository } = await protectedRegistry(t, {
    kind: 'bearer',
    users: [],
    anonymousPull: true,
  });
  registry.fault({ kind: 'latency', milliseconds: 50, match: { kind: 'token' } });
  const client = clientFor(t);
  const asked = Array.from({ length: 20 }, () => exchange());
  const found = await Promise.all(asked.map((one) => client.manifest(repository, image.digest, one)));
  assert.ok(found.every((manifest) => manifest?.digest === image.digest));
  assert.equal(registry.requests.filter(({ kind }) => kind === 'token').length, 1);
  assert.equal(asked.flatMap(({ requests }) => requests).filter((kind) => kind === 'token').length, 1);
});

test('who began to fetch a token may leave without failing the others', async (t) => {
  const { registry, image, repository } = await protectedRegistry(t, {
    kind: 'bearer',
    users: [],
    anonymousPull: true,
  });
  const slow = registry.fault({ kind: 'latency', milliseconds: 600_000, match: { kind: 'token' } });
  const client = clientFor(t);
  const gone = new AbortController();
  const first = client.manifest(repository, image.digest, exchange(60_000, gone.signal));
  await until(() => registry.requests.some(({ kind }) => kind === 'token'));
  const short = client.manifest(repository, image.digest, exchange(150));
  const others = [1, 2, 3].map(() => client.manifest(repository, image.digest, exchange()));
  await sleep(50);
  gone.abort();
  await rejectsWith(first, 'CANCELLED');
  await rejectsWith(short, 'DEADLINE_EXCEEDED');
  slow.remove();
  for (const other of others) assert.equal((await other)?.digest, image.digest);
  assert.equal(registry.requests.filter(({ kind }) => kind === 'token').length, 1);
});

test('a token that nobody waits for any more is not fetched to the end', async (t) => {
  let ended = 0;
  const server = await rawServer(t, (request, response) => {
    if (request.url?.startsWith('/token')) {
      response.once('close', () => {
        ended += 1;
      });
      return;
    }
    response
      .writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` })
      .end();
  });
  await rejectsWith(clientFor(t).resolveTag(at(server.host), '1', exchange(200)), 'DEADLINE_EXCEEDED');
  await until(() => ended === 1);
});

test('credentials do not share tokens, nor what is known of a host', async (t) => {
  const { registry, repository } = await protectedRegistry(t, { kind: 'bearer', users: USERS });
  let credential: ReturnType<typeof passwordCredential> | undefined = WRONG;
  const client = clientFor(t, {
    credentials: { find: () => (credential === undefined ? [] : [credential]), warnings: [] },
  });
  const wrong = client.credentialId(repository, {});
  await rejectsWith(client.resolveTag(repository, '1.0', exchange()), 'REGISTRY_UNAUTHORIZED');
  credential = passwordCredential('alice', 's3cret');
  const right = client.credentialId(repository, {});
  assert.ok(await client.resolveTag(repository, '1.0', exchange()));
  credential = undefined;
  const anonymous = exchange();
  await rejectsWith(client.resolveTag(repository, '1.0', anonymous), 'REGISTRY_UNAUTHORIZED');
  assert.equal(registry.requests.at(-2)?.authorization, 'none');
  assert.equal(client.credentialId(repository, {}), '');
  assert.ok(wrong !== right && wrong !== '' && right !== '');
});

test('a credential is told apart by name and password, and its id tells nothing', () => {
  const ids = [
    passwordCredential('a', 'b'),
    passwordCredential('a', 'c'),
    passwordCredential('ab', ''),
    passwordCredential('a","b', ''),
  ].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(passwordCredential('a', 'b').id, ids[0]);
});

test('the error of a refused credential has a hint and no secret', async (t) => {
  const { registry, repository } = await protectedRegistry(t, { kind: 'basic', users: [] });
  const client = clientFor(t, { credentials: credentialFor(registry.host) });
  const error = await rejectsWith(client.resolveTag(repository, '1.0', exchange()), 'REGISTRY_UNAUTHORIZED');
  assert.ok(error instanceof CountersignError);
  assert.match(error.hint, /docker login/);
});
