// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { LIMITS } from '../../src/limits.ts';
import { createTestCertificate } from '../../src/testing/index.ts';
import {
  at,
  clientFor,
  credentialFor,
  exchange,
  lookupOf,
  type RawServer,
  rawServer,
  registryFor,
  rejectsWith,
} from './world.ts';

const BLOB = Buffer.from('blob');
const DESCRIPTOR = { digest: digestOf(BLOB), size: BLOB.length };

/** Wants Basic, then redirects. */
function redirectingServer(
  t: Parameters<typeof rawServer>[0],
  to: (self: string) => string,
  status = 307,
): Promise<RawServer> {
  return rawServer(t, (request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      return;
    }
    response.writeHead(status, { location: to(request.headers.host ?? '') }).end('moved '.repeat(10));
  });
}

test('a redirect to another host is followed without Authorization', async (t) => {
  const store = await rawServer(t, (_request, response) => response.end(BLOB));
  for (const status of [301, 302, 303, 307, 308]) {
    const registry = await redirectingServer(t, () => `${store.url}/blob?X-Amz-Signature=1`, status);
    const client = clientFor(t, { credentials: credentialFor(registry.host) });
    const asked = exchange();
    assert.deepEqual(Buffer.from(await client.blob(at(registry.host), DESCRIPTOR, 10, asked)), BLOB);
    assert.deepEqual(asked.requests, ['blob', 'blob', 'blob']);
  }
  assert.equal(store.requests.length, 5);
  for (const { headers, method, path } of store.requests) {
    assert.equal(headers.authorization, undefined);
    assert.equal(`${method} ${path}`, 'GET /blob?X-Amz-Signature=1');
  }
});

test('nor does a token go to another host', async (t) => {
  const store = await rawServer(t, (_request, response) => response.end(BLOB));
  const registry = await registryFor(t, { auth: { kind: 'bearer', users: [], anonymousPull: true } });
  registry.putBlob('acme/app', BLOB);
  registry.fault({ kind: 'redirect', to: { url: store.url }, match: { kind: 'blob' } });
  assert.ok(await clientFor(t).blob(at(registry.host), DESCRIPTOR, 10, exchange()));
  assert.equal(registry.requests.at(-1)?.authorization, 'bearer');
  assert.equal(store.requests[0]?.headers.authorization, undefined);
});

test('another port and another scheme are another origin', async (t) => {
  const certificate = createTestCertificate({ hosts: ['registry.test'] });
  const store = await rawServer(t, (_request, response) => response.end(BLOB), certificate);
  const registry = await redirectingServer(t, () => `https://registry.test:${store.port}/blob`);
  const host = `registry.test:${registry.port}`;
  const client = clientFor(t, {
    registries: {
      [host]: { unsafePlainHttp: true },
      [`registry.test:${store.port}`]: { ca: certificate.ca },
    },
    credentials: credentialFor(host),
    transport: { lookup: lookupOf({ 'registry.test': ['127.0.0.1'] }) },
  });
  assert.ok(await client.blob(at(host), DESCRIPTOR, 10, exchange()));
  assert.equal(store.requests[0]?.headers.authorization, undefined);
});

test('a redirect within the origin keeps Authorization', async (t) => {
  const registry = await rawServer(t, (request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    } else if (request.url === '/elsewhere') response.end(BLOB);
    else response.writeHead(302, { location: '/elsewhere#fragment' }).end();
  });
  const client = clientFor(t, { credentials: credentialFor(registry.host) });
  assert.ok(await client.blob(at(registry.host), DESCRIPTOR, 10, exchange()));
  assert.deepEqual(
    registry.requests.map(({ path, headers }) => [
      path === '/elsewhere',
      headers.authorization !== undefined,
    ]),
    [
      [false, false],
      [false, true],
      [true, true],
    ],
  );
});

test('a redirect that comes back from another host does not bring Authorization back', async (t) => {
  const back = await rawServer(t, (request, response) => {
    const home = new URL(request.url ?? '', 'http://x').searchParams.get('home');
    response.writeHead(302, { location: `http://${home}/stolen` }).end();
  });
  const registry = await rawServer(t, (request, response) => {
    if (request.url === '/stolen') return response.end(BLOB);
    if (request.headers.authorization === undefined) {
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    }
    return response.writeHead(302, { location: `${back.url}/?home=${request.headers.host}` }).end();
  });
  const client = clientFor(t, { credentials: credentialFor(registry.host) });
  assert.ok(await client.blob(at(registry.host), DESCRIPTOR, 10, exchange()));
  assert.deepEqual(
    registry.requests.filter(({ path }) => path === '/stolen').map(({ headers }) => headers.authorization),
    [undefined],
  );
});

test('a host that a redirect led to gets no answer to its challenge', async (t) => {
  const thief = await rawServer(t, (request, response) => {
    const realm = `http://${request.headers.host}/token`;
    response.writeHead(401, { 'www-authenticate': `Basic realm="r", Bearer realm="${realm}"` }).end();
  });
  const registry = await redirectingServer(t, () => `${thief.url}/blob`);
  const client = clientFor(t, { credentials: credentialFor(registry.host) });
  await rejectsWith(client.blob(at(registry.host), DESCRIPTOR, 10, exchange()), 'REGISTRY_UNAUTHORIZED');
  assert.equal(thief.requests.length, 1);
  assert.equal(thief.requests[0]?.headers.authorization, undefined);
});

test('circles are REDIRECT_FORBIDDEN: to itself, and by way of others', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'redirect', to: 'loop' });
  const asked = exchange();
  await rejectsWith(
    clientFor(t).blob(at(registry.host), DESCRIPTOR, 10, asked),
    'REDIRECT_FORBIDDEN',
    /circle/,
  );
  assert.equal(asked.requests.length, 1);

  const ring = await rawServer(t, (request, response) => {
    response.writeHead(302, { location: request.url === '/a' ? '/b' : '/a' }).end();
  });
  await rejectsWith(
    clientFor(t).blob(at(ring.host), DESCRIPTOR, 10, exchange()),
    'REDIRECT_FORBIDDEN',
    /circle/,
  );
  assert.equal(ring.requests.length, 3);
});

test('as many redirects as the limit are followed, one more is REDIRECT_FORBIDDEN', async (t) => {
  for (const hops of [LIMITS.redirects, LIMITS.redirects + 1]) {
    const server = await rawServer(t, (request, response) => {
      const hop = Number(/^\/hop(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
      if (hop === hops) return response.end(BLOB);
      return response.writeHead(307, { location: `/hop${hop + 1}` }).end();
    });
    const blob = clientFor(t).blob(at(server.host), DESCRIPTOR, 10, exchange());
    if (hops > LIMITS.redirects) await rejectsWith(blob, 'REDIRECT_FORBIDDEN', /more than/);
    else assert.ok(await blob);
    assert.equal(server.requests.length, LIMITS.redirects + 1);
  }
});

test('TLS is not given up: https to http is REDIRECT_FORBIDDEN, even to a host that may be asked by http', async (t) => {
  const certificate = createTestCertificate();
  const plain = await rawServer(t, (_request, response) => response.end(BLOB));
  const registry = await registryFor(t, { tls: certificate });
  registry.fault({ kind: 'redirect', to: { url: plain.url } });
  const client = clientFor(t, {
    registries: { [registry.host]: { ca: certificate.ca }, [plain.host]: { unsafePlainHttp: true } },
  });
  await rejectsWith(
    client.blob(at(registry.host), DESCRIPTOR, 10, exchange()),
    'REDIRECT_FORBIDDEN',
    /https to http/,
  );
  assert.equal(plain.connections(), 0);
});

test('locations that lead nowhere, and where nothing may go', async (t) => {
  for (const [location, code] of [
    [undefined, 'RESPONSE_MALFORMED'],
    ['http://', 'RESPONSE_MALFORMED'],
    ['http://[::1', 'RESPONSE_MALFORMED'],
    [`/${'x'.repeat(LIMITS.urlLength)}`, 'RESPONSE_MALFORMED'],
    [`https://${'x'.repeat(300)}.example/`, 'RESPONSE_MALFORMED'],
    [`${'x'.repeat(300)}:y`, 'RESPONSE_MALFORMED'],
    ['file:///etc/passwd', 'REDIRECT_FORBIDDEN'],
    ['ftp://host/x', 'REDIRECT_FORBIDDEN'],
    ['data:text/plain,blob', 'REDIRECT_FORBIDDEN'],
    ['http://eve:x@SELF/x', 'REDIRECT_FORBIDDEN'],
    ['http://cdn.example/x?X-Amz-Signature=1', 'PLAIN_HTTP_FORBIDDEN'],
    ['https://169.254.169.254/x', 'ADDRESS_FORBIDDEN'],
    ['https://2852039166/x', 'ADDRESS_FORBIDDEN'],
    ['https://0xa9.0376.43518/x', 'ADDRESS_FORBIDDEN'],
    ['https://[::ffff:169.254.169.254]/x', 'ADDRESS_FORBIDDEN'],
    ['https://[::]/x', 'ADDRESS_FORBIDDEN'],
    ['https://localhost/x', 'ADDRESS_FORBIDDEN'],
    ['https://LOCALHOST./x', 'ADDRESS_FORBIDDEN'],
    ['https://127.0.0.2/x', 'ADDRESS_FORBIDDEN'],
    ['https://metadata.test/x', 'ADDRESS_FORBIDDEN'],
    ['https://mapped.test/x', 'ADDRESS_FORBIDDEN'],
  ] as const) {
    const server = await rawServer(t, (request, response) => {
      if (location !== undefined)
        response.setHeader('location', location.replace('SELF', request.headers.host ?? ''));
      response.writeHead(302).end();
    });
    const lookup = lookupOf({
      'metadata.test': ['169.254.169.254'],
      'mapped.test': ['::ffff:127.0.0.1'],
      'localhost.': ['127.0.0.1'],
    });
    const asked = exchange();
    const blob = clientFor(t, { transport: { lookup } }).blob(at(server.host), DESCRIPTOR, 10, asked);
    await rejectsWith(blob, code);
    assert.equal(server.requests.length, 1, location);
  }
});

test('the secret of a signed URL is in no message', async (t) => {
  const store = await rawServer(t, (_request, response) => response.writeHead(403).end('<Error>'));
  const registry = await registryFor(t);
  registry.fault({ kind: 'redirect', to: `${store.url}/x?X-Amz-Signature=1` });
  await rejectsWith(
    clientFor(t).blob(at(registry.host), DESCRIPTOR, 10, exchange()),
    'REGISTRY_UNAUTHORIZED',
  );
});
