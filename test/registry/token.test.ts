// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { RegistryConfig } from '../../src/config/config.ts';
import type { Code } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { identityCredential } from '../../src/registry/index.ts';
import { createTestCertificate } from '../../src/testing/index.ts';
import { at, clientFor, credentialFor, exchange, lookupOf, rawServer, rejectsWith } from './world.ts';

const TOKEN = 'token-of-this-test';

/** A registry that asks for a token from the realm. */
function registryAsking(t: TestContext, challenge: (host: string) => string) {
  return rawServer(t, (request, response) => {
    if (request.headers.authorization === `Bearer ${TOKEN}`) return response.end('{"schemaVersion":2}');
    return response.writeHead(401, { 'www-authenticate': challenge(request.headers.host ?? '') }).end();
  });
}

const giveToken: RequestListener = (_request, response) =>
  response.end(JSON.stringify({ token: TOKEN, expires_in: 300 }));

/** Names of the test's own for a registry by plain HTTP and a token server by HTTPS on another host. */
async function twoHosts(t: TestContext, entry: RegistryConfig, tokenHost = 'auth.test') {
  const certificate = createTestCertificate({ hosts: ['auth.test', 'auth.registry.test'] });
  const tokenServer = await rawServer(t, giveToken, certificate);
  const realm = `https://${tokenHost}:${tokenServer.port}/token`;
  const registry = await registryAsking(t, () => `Bearer realm="${realm}",service="s"`);
  const host = `registry.test:${registry.port}`;
  const registries = {
    [host]: { unsafePlainHttp: true, ...entry },
    [`${tokenHost}:${tokenServer.port}`]: { ca: certificate.ca },
  };
  const lookup = lookupOf({ 'registry.test': ['127.0.0.1'], [tokenHost]: ['127.0.0.1'] });
  return { tokenServer, registry, host, registries, lookup };
}

test('a realm on another host gets no credential: TOKEN_REALM_FORBIDDEN, and that host sees nothing', async (t) => {
  for (const name of ['auth.test', 'auth.registry.test']) {
    const { tokenServer, registry, host, registries, lookup } = await twoHosts(t, {}, name);
    const client = clientFor(t, { registries, transport: { lookup }, credentials: credentialFor(host) });
    const asked = exchange();
    await rejectsWith(
      client.manifest(at(host), { tag: '1' }, asked),
      'TOKEN_REALM_FORBIDDEN',
      new RegExp(name),
    );
    assert.deepEqual(asked.requests, ['manifest']);
    assert.equal(tokenServer.connections(), 0);
    assert.equal(registry.requests.length, 1);
  }
});

test('without a credential a realm on another host is asked as nobody, over TLS', async (t) => {
  const { tokenServer, host, registries, lookup } = await twoHosts(t, {});
  const client = clientFor(t, { registries, transport: { lookup } });
  assert.ok(await client.manifest(at(host), { tag: '1' }, exchange()));
  assert.equal(tokenServer.requests[0]?.headers.authorization, undefined);
  assert.equal(tokenServer.requests[0]?.path, '/token?service=s&scope=repository%3Aacme%2Fapp%3Apull');
});

test('a realm that the Config names as tokenServer gets the credential', async (t) => {
  const setup = await twoHosts(t, {});
  const { tokenServer, host, registries, lookup } = setup;
  const named = {
    ...registries,
    [host]: { unsafePlainHttp: true, tokenServer: `auth.test:${tokenServer.port}` },
  };
  const client = clientFor(t, { registries: named, transport: { lookup }, credentials: credentialFor(host) });
  assert.ok(await client.manifest(at(host), { tag: '1' }, exchange()));
  assert.match(tokenServer.requests[0]?.headers.authorization ?? '', /^Basic /);
});

test('the CA of a registry holds for its token server too, and the Config exempts it from the address guard', async (t) => {
  const certificate = createTestCertificate({ hosts: ['auth.test'] });
  const tokenServer = await rawServer(t, giveToken, certificate);
  const registry = await registryAsking(
    t,
    () => `Bearer realm="https://auth.test:${tokenServer.port}/token"`,
  );
  const host = `registry.test:${registry.port}`;
  const client = clientFor(t, {
    registries: {
      [host]: { unsafePlainHttp: true, tokenServer: `auth.test:${tokenServer.port}`, ca: certificate.ca },
    },
    transport: { lookup: lookupOf({ 'registry.test': ['127.0.0.1'], 'auth.test': ['127.0.0.1'] }) },
    credentials: credentialFor(host),
  });
  assert.ok(await client.manifest(at(host), { tag: '1' }, exchange()));
});

test('a realm on the same host name and another port gets the credential', async (t) => {
  const tokenServer = await rawServer(t, giveToken);
  const registry = await registryAsking(t, () => `Bearer realm="${tokenServer.url}/token"`);
  const client = clientFor(t, { credentials: credentialFor(registry.host) });
  assert.ok(await client.manifest(at(registry.host), { tag: '1' }, exchange()));
  assert.match(tokenServer.requests[0]?.headers.authorization ?? '', /^Basic /);
});

const REALMS: readonly (readonly [realm: string, anonymous: Code, withCredential: Code])[] = [
  ['', 'RESPONSE_MALFORMED', 'RESPONSE_MALFORMED'],
  ['/token', 'RESPONSE_MALFORMED', 'RESPONSE_MALFORMED'],
  ['http://', 'RESPONSE_MALFORMED', 'RESPONSE_MALFORMED'],
  ['ftp://HOST/token', 'TOKEN_REALM_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['file:///etc/passwd', 'TOKEN_REALM_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['http://eve@HOST/token', 'TOKEN_REALM_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['http://HOST@evil.example/token', 'TOKEN_REALM_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['http://evil.example/token', 'PLAIN_HTTP_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['https://169.254.169.254/token', 'ADDRESS_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['https://[::ffff:169.254.169.254]/token', 'ADDRESS_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['https://localhost/token', 'ADDRESS_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
  ['https://metadata.test/token', 'ADDRESS_FORBIDDEN', 'TOKEN_REALM_FORBIDDEN'],
];

for (const [realm, anonymous, withCredential] of REALMS) {
  test(`realm ${JSON.stringify(realm)}: ${anonymous}, with a credential ${withCredential}`, async (t) => {
    const registry = await registryAsking(t, (host) => `Bearer realm="${realm.replace('HOST', host)}"`);
    const transport = { lookup: lookupOf({ 'metadata.test': ['169.254.169.254'] }) };
    for (const [code, credentials] of [
      [anonymous, undefined],
      [withCredential, credentialFor(registry.host)],
    ] as const) {
      const client = clientFor(t, { transport, ...(credentials && { credentials }) });
      await rejectsWith(client.manifest(at(registry.host), { tag: '1' }, exchange()), code);
    }
  });
}

test('the scope is ours; what names no resource is passed on', async (t) => {
  for (const [asked, sent] of [
    ['repository:acme/secret:push,pull', ['repository:acme/app:pull']],
    ['registry:catalog:*', ['repository:acme/app:pull']],
    ['aws', ['repository:acme/app:pull', 'aws']],
  ] as const) {
    const tokenServer = await rawServer(t, giveToken);
    const registry = await registryAsking(
      t,
      () => `Bearer realm="${tokenServer.url}/token?x=1",scope="${asked}"`,
    );
    await clientFor(t).manifest(at(registry.host), { tag: '1' }, exchange());
    const query = new URL(tokenServer.requests[0]?.path ?? '', 'http://x').searchParams;
    assert.deepEqual(query.getAll('scope'), sent);
    assert.equal(query.get('x'), '1');
  }
});

test('an identity token is exchanged by POST, and never sent to the registry', async (t) => {
  const bodies: string[] = [];
  const tokenServer = await rawServer(t, (request, response) => {
    request.on('data', (chunk) => bodies.push(String(chunk)));
    request.on('end', () => response.end(JSON.stringify({ access_token: TOKEN })));
  });
  const registry = await registryAsking(t, () => `Bearer realm="${tokenServer.url}/token",service="s"`);
  const credentials = credentialFor(registry.host, identityCredential('s3cret'));
  assert.ok(await clientFor(t, { credentials }).manifest(at(registry.host), { tag: '1' }, exchange()));
  assert.equal(tokenServer.requests[0]?.method, 'POST');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(bodies.join(''))), {
    grant_type: 'refresh_token',
    client_id: 'countersign',
    refresh_token: 's3cret',
    scope: 'repository:acme/app:pull',
    service: 's',
  });
  assert.ok(!JSON.stringify(registry.requests).includes('s3cret'));
});

test('an identity token is of no use where Basic is asked for', async (t) => {
  const registry = await rawServer(t, (_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
  });
  const credentials = credentialFor(registry.host, identityCredential('s3cret'));
  await rejectsWith(
    clientFor(t, { credentials }).manifest(at(registry.host), { tag: '1' }, exchange()),
    'REGISTRY_UNAUTHORIZED',
  );
  assert.equal(registry.requests.length, 1);
});

const ANSWERS: readonly (readonly [what: string, answer: RequestListener, code: Code, tokens: number])[] = [
  ['HTML', (_q, a) => a.end('<html>'), 'RESPONSE_MALFORMED', 1],
  ['no token', (_q, a) => a.end('{}'), 'RESPONSE_MALFORMED', 1],
  ['a token that is no text', (_q, a) => a.end('{"token":1}'), 'RESPONSE_MALFORMED', 1],
  ['a token that is a header', (_q, a) => a.end('{"token":"x\\r\\nHost: y"}'), 'RESPONSE_MALFORMED', 1],
  ['a token of 17 KiB', (_q, a) => a.end(`{"token":"${'x'.repeat(17 * 1024)}"}`), 'RESPONSE_MALFORMED', 1],
  [
    'a body one over the limit',
    (_q, a) => a.end(`{"x":"${'x'.repeat(LIMITS.tokenBytes - 7)}"}`),
    'LIMIT_EXCEEDED',
    1,
  ],
  ['a redirect', (_q, a) => a.writeHead(302, { location: '/elsewhere' }).end(), 'REDIRECT_FORBIDDEN', 1],
  ['400', (_q, a) => a.writeHead(400).end('{"error":"invalid_grant"}'), 'REGISTRY_UNAUTHORIZED', 1],
  ['401', (_q, a) => a.writeHead(401).end(), 'REGISTRY_UNAUTHORIZED', 1],
  ['403', (_q, a) => a.writeHead(403).end(), 'REGISTRY_UNAUTHORIZED', 1],
  ['404', (_q, a) => a.writeHead(404).end(), 'REGISTRY_ERROR', 1],
  ['500', (_q, a) => a.writeHead(500).end(), 'REGISTRY_ERROR', LIMITS.attempts],
  ['429', (_q, a) => a.writeHead(429, { 'retry-after': '60' }).end(), 'REGISTRY_RATE_LIMITED', 1],
];

for (const [what, answer, code, tokens] of ANSWERS) {
  test(`a token server that answers ${what}: ${code}`, async (t) => {
    const tokenServer = await rawServer(t, answer);
    const registry = await registryAsking(t, () => `Bearer realm="${tokenServer.url}/token"`);
    const client = clientFor(t, { credentials: credentialFor(registry.host) });
    const asked = exchange();
    await rejectsWith(client.manifest(at(registry.host), { tag: '1' }, asked), code);
    assert.equal(tokenServer.requests.length, tokens);
  });
}

test('a lifetime that is absent or nonsense is taken for a minute, and a token for nothing is not kept', async (t) => {
  for (const [expiresIn, kept] of [
    [undefined, true],
    [null, true],
    [-5, true],
    ['soon', true],
    [1e300, true],
    [0.01, false],
  ] as const) {
    const tokenServer = await rawServer(t, (_request, response) => {
      response.end(JSON.stringify({ token: TOKEN, expires_in: expiresIn }));
    });
    const registry = await registryAsking(t, () => `Bearer realm="${tokenServer.url}/token"`);
    const client = clientFor(t);
    await client.manifest(at(registry.host), { tag: '1' }, exchange());
    await new Promise((resolve) => setTimeout(resolve, 20));
    await client.manifest(at(registry.host), { tag: '1' }, exchange());
    assert.equal(tokenServer.requests.length, kept ? 1 : 2, String(expiresIn));
  }
});
