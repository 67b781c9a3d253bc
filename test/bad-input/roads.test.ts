// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Code } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { passwordCredential } from '../../src/registry/index.ts';
import {
  createTestCertificate,
  signLegacy,
  startTestRegistry,
  type TestAuth,
} from '../../src/testing/index.ts';
import { lookupOf, rawServer } from '../registry/world.ts';
import { assertDenied, testBadImages } from '../support/bad-images.ts';
import { KEYS, named, startWholeServer } from '../support/whole-server.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const USER = { username: 'corp', password: 'corp-password' };
const CREDENTIALS = { find: () => [passwordCredential(USER.username, USER.password)], warnings: [] };

testBadImages([
  {
    name: 'a redirect in a circle',
    arrange({ registry }) {
      registry.fault({ kind: 'redirect', to: 'loop' });
      return undefined;
    },
    code: 'REDIRECT_FORBIDDEN',
    requests: 2,
  },
  {
    name: 'referrers pages without end',
    arrange({ registry, image }) {
      registry.fault({
        kind: 'body',
        body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }),
        contentType: INDEX,
        headers: { link: `</v2/acme/web/referrers/${image.digest}?page=next>; rel="next"` },
        match: { kind: 'referrers' },
      });
      return undefined;
    },
    code: 'LIMIT_EXCEEDED',
    requests: 1 + LIMITS.pages,
  },
  {
    name: 'referrers one by one, past the limit of pages',
    registry: { referrers: { pageSize: 1 } },
    arrange({ registry, image }) {
      for (let index = 0; index <= LIMITS.pages; index++) {
        signLegacy(registry, image, KEYS.stranger, {
          storage: 'referrer',
          annotations: { index: `${index}` },
        });
      }
      return undefined;
    },
    code: 'LIMIT_EXCEEDED',
    requests: 1 + LIMITS.pages,
  },
  {
    name: 'the next page of a list on another host',
    arrange({ registry }) {
      registry.fault({
        kind: 'body',
        body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }),
        contentType: INDEX,
        headers: { link: '<https://evil.example/next>; rel="next"' },
        match: { kind: 'referrers' },
      });
      return undefined;
    },
    code: 'RESPONSE_MALFORMED',
    requests: 2,
  },
  {
    name: 'a registry that hangs, until the deadline',
    arrange({ registry }) {
      registry.fault({ kind: 'hang' });
      return undefined;
    },
    timeout: 4,
    code: 'DEADLINE_EXCEEDED',
    requests: 2,
  },
  {
    name: 'a registry that fails, three times at each store',
    arrange({ registry }) {
      registry.fault({ kind: 'status', status: 503 });
      return undefined;
    },
    code: 'REGISTRY_ERROR',
    requests: 2 * LIMITS.attempts,
  },
  {
    name: 'a registry that asks to wait longer than there is time',
    arrange({ registry }) {
      registry.fault({ kind: 'status', status: 429, retryAfter: 60 });
      return undefined;
    },
    code: 'REGISTRY_RATE_LIMITED',
    requests: 2,
  },
]);

test('a chain of redirects is followed for so many hops, then REDIRECT_FORBIDDEN', async (t) => {
  let hop = 0;
  const chain = await rawServer(t, (_request, response) => {
    hop += 1;
    response.writeHead(307, { location: `/v2/hop/${hop}` }).end();
  });
  const server = await startWholeServer(t, { registries: named(chain) });
  await assertDenied(server, [`${chain.host}/acme/web@${DIGEST}`], 'REDIRECT_FORBIDDEN');
  const requests = 2 * (1 + LIMITS.redirects);
  assert.deepEqual([await server.sent(), chain.requests.length], [requests, requests]);
});

/** A registry that wants a login, and another host that records who comes. */
async function startTwoHosts(t: TestContext, kind: 'basic' | 'bearer', realm?: (other: string) => string) {
  const certificate = createTestCertificate({ hosts: ['other.example'] });
  const other = await rawServer(t, (_request, response) => response.writeHead(401).end(), certificate);
  const otherHost = `other.example:${other.port}`;
  const auth: TestAuth = { kind, users: [USER], ...(realm && { realm: realm(otherHost) }) };
  const registry = await startTestRegistry({ auth });
  t.after(() => registry.close());
  const lookup = lookupOf({ 'other.example': ['127.0.0.1'] });
  const serve = (registries: Parameters<typeof startWholeServer>[1]['registries']) =>
    startWholeServer(t, { registries, credentials: CREDENTIALS, transport: { lookup } });
  const isNamed = { ...named(registry), [otherHost]: { ca: certificate.ca } };
  return { registry, other, otherHost, serve, isNamed, image: registry.pushImage('acme/web') };
}

test('a redirect to another host takes no credential along', async (t) => {
  for (const kind of ['basic', 'bearer'] as const) {
    const { registry, other, otherHost, serve, isNamed, image } = await startTwoHosts(t, kind);
    registry.fault({ kind: 'redirect', to: { url: `https://${otherHost}` }, match: { kind: 'manifest' } });
    registry.fault({ kind: 'redirect', to: { url: `https://${otherHost}` }, match: { kind: 'referrers' } });
    const server = await serve(isNamed);
    await assertDenied(server, [image.pinned], 'REGISTRY_UNAUTHORIZED');
    // Each store: asked, asked with the login, and once at the other host. The token is one for both.
    assert.equal(await server.sent(), kind === 'basic' ? 6 : 7);
    assert.ok(registry.requests.some(({ authorization }) => authorization === kind));
    assert.deepEqual(
      other.requests.map(({ headers }) => headers.authorization),
      [undefined, undefined],
    );
  }
});

test('a redirect to a host on loopback that the Config does not name is not followed', async (t) => {
  const { registry, other, otherHost, serve, image } = await startTwoHosts(t, 'basic');
  for (const [url, code] of [
    [`https://${otherHost}`, 'ADDRESS_FORBIDDEN'],
    [other.url, 'ADDRESS_FORBIDDEN'],
    [other.url.replace('https', 'http'), 'PLAIN_HTTP_FORBIDDEN'],
    ['http://169.254.169.254', 'PLAIN_HTTP_FORBIDDEN'],
    ['https://169.254.169.254', 'ADDRESS_FORBIDDEN'],
    ['https://[::ffff:127.0.0.1]', 'ADDRESS_FORBIDDEN'],
    ['file:///etc/passwd', 'REDIRECT_FORBIDDEN'],
  ] as const) {
    registry.clearFaults();
    registry.fault({ kind: 'redirect', to: { url } });
    const server = await serve(named(registry));
    await assertDenied(server, [image.pinned], code);
    // Where a name has to be looked up first, the request counts though no connection is made.
    assert.equal(await server.sent(), url.includes('example') ? 6 : 4, url);
  }
  assert.equal(other.connections(), 0);
});

test('a token realm on another host gets no credential: TOKEN_REALM_FORBIDDEN, 2 registry requests', async (t) => {
  for (const realm of [
    (other: string) => `https://${other}/token`,
    () => 'http://169.254.169.254/token',
    () => 'https://127.0.0.1.evil.example/token',
    (other: string) => `https://127.0.0.1@${other}/token`,
    () => 'file:///etc/passwd',
  ]) {
    const { registry, other, serve, isNamed, image } = await startTwoHosts(t, 'bearer', realm);
    const server = await serve(isNamed);
    await assertDenied(server, [image.pinned], 'TOKEN_REALM_FORBIDDEN');
    assert.equal(await server.sent(), 2);
    assert.deepEqual(
      registry.requests.map(({ authorization }) => authorization),
      ['none', 'none'],
    );
    assert.equal(other.connections(), 0);
  }
});

test('a host that leads to loopback or metadata is ADDRESS_FORBIDDEN, and no connection is made', async (t) => {
  const trap = await rawServer(t, (_request, response) => response.end());
  const lookup = lookupOf({
    'metadata.example': ['169.254.169.254'],
    'mapped.example': ['::ffff:127.0.0.1'],
    'mixed.example': ['203.0.113.7', '169.254.169.254'],
    'loopback.example': ['127.0.0.1'],
  });
  // Host → code, requests: a name counts once per store, since it is looked up as part of a request.
  const rows: readonly (readonly [host: string, code: Code, requests: number])[] = [
    ['metadata.example', 'ADDRESS_FORBIDDEN', 2],
    [`mapped.example:${trap.port}`, 'ADDRESS_FORBIDDEN', 2],
    ['mixed.example', 'ADDRESS_FORBIDDEN', 2],
    [`loopback.example:${trap.port}`, 'ADDRESS_FORBIDDEN', 2],
    ['169.254.169.254', 'ADDRESS_FORBIDDEN', 0],
    [`127.0.0.1:${trap.port}`, 'ADDRESS_FORBIDDEN', 0],
    [`localhost:${trap.port}`, 'ADDRESS_FORBIDDEN', 0],
    [`[::ffff:7f00:1]:${trap.port}`, 'ADDRESS_FORBIDDEN', 0],
    [`[::ffff:127.0.0.1]:${trap.port}`, 'REFERENCE_INVALID', 0],
  ];
  for (const [host, code, requests] of rows) {
    const server = await startWholeServer(t, { registries: {}, transport: { lookup } });
    await assertDenied(server, [`${host}/acme/web@${DIGEST}`], code);
    assert.equal(await server.sent(), requests, host);
  }
  assert.equal(trap.connections(), 0);
});
