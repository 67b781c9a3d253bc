// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { createServer, type LookupFunction, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { DEFAULT_CONFIG } from '../../src/config/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { createReach } from '../../src/registry/reach.ts';
import { createTransport } from '../../src/registry/transport.ts';
import { NO_NAMESPACE, tenant } from '../../src/sharing/index.ts';
import { createTestCertificate } from '../../src/testing/index.ts';
import { at, clientFor, exchange, lookupOf, rawServer, registryFor, rejectsWith, until } from './world.ts';

/** Names that lead where no registry is. */
const NAMES = {
  'metadata.example': ['169.254.169.254'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'loopback.example': ['127.0.0.1'],
  'loopback6.example': ['::1'],
  'unspecified.example': ['0.0.0.0'],
  'nat64.example': ['64:ff9b::a9fe:a9fe'],
  'mixed.example': ['203.0.113.7', '169.254.169.254'],
};

test('a name that leads to a forbidden address is ADDRESS_FORBIDDEN, on the command line too', async (t) => {
  for (const allowLoopback of [false, true]) {
    for (const name of Object.keys(NAMES)) {
      const lookup = lookupOf(NAMES);
      const client = clientFor(t, { allowLoopback, transport: { lookup } });
      const asked = exchange();
      await rejectsWith(client.resolveTag(at(name), '1', asked), 'ADDRESS_FORBIDDEN', new RegExp(name));
      // Not a failure that passes: looked up once, asked once.
      assert.deepEqual(asked.requests, ['manifest']);
      assert.deepEqual(lookup.asked, [name]);
    }
  }
});

test('an address in the place of a name is checked without a lookup, in each of its spellings', async (t) => {
  const lookup = lookupOf({});
  const client = clientFor(t, { allowLoopback: false, transport: { lookup } });
  for (const host of [
    '127.0.0.1:5000',
    'localhost:5000',
    '127.1:5000',
    '2130706433:5000',
    '0x7f.0.0.1:5000',
    '0177.0.0.1:5000',
    '0.0.0.0:5000',
    '169.254.169.254',
    '100.100.100.200',
    '255.255.255.255',
    '[::1]:5000',
    '[::]:5000',
    '[::ffff:127.0.0.1]:5000',
    '[::ffff:7f00:1]:5000',
    '[64:ff9b::7f00:1]:5000',
    '[fd00:ec2::254]',
  ]) {
    const asked = exchange();
    await rejectsWith(client.resolveTag(at(host), '1', asked), 'ADDRESS_FORBIDDEN');
    assert.deepEqual(asked.requests, [], host);
  }
  assert.deepEqual(lookup.asked, []);
});

test('on the command line only literal loopback is allowed, not what is spelt like it', async (t) => {
  const client = clientFor(t);
  for (const host of [
    '0x7f.0.0.1:5000',
    '127.1:5000',
    '0.0.0.0:5000',
    '[::ffff:127.0.0.1]:5000',
    '[::]:5000',
  ]) {
    await rejectsWith(client.resolveTag(at(host), '1', exchange()), 'ADDRESS_FORBIDDEN');
  }
});

test('a connection kept for a registry on loopback does not serve a redirect from elsewhere', async (t) => {
  const local = await rawServer(t, (_request, response) => response.end('{"schemaVersion":2}'));
  const certificate = createTestCertificate({ hosts: ['remote.test'] });
  const remote = await rawServer(
    t,
    (_request, response) => response.writeHead(302, { location: `https://${local.host}/x` }).end(),
    certificate,
  );
  const host = `remote.test:${remote.port}`;
  const client = clientFor(t, {
    registries: { [host]: { ca: certificate.ca } },
    transport: { lookup: lookupOf({ 'remote.test': ['127.0.0.1'] }) },
  });
  assert.ok(await client.manifest(at(local.host), { tag: '1' }, exchange()));
  await rejectsWith(client.manifest(at(host), { tag: '1' }, exchange()), 'ADDRESS_FORBIDDEN');
  assert.equal(local.requests.length, 1);
});

test('the connection itself refuses a forbidden address, whoever asks for it', async (t) => {
  const server = await rawServer(t, (_request, response) => response.end());
  const transport = createTransport(createReach(DEFAULT_CONFIG, false));
  t.after(() => transport.close());
  for (const host of [server.host, `[::ffff:127.0.0.1]:${server.port}`, `localhost:${server.port}`]) {
    const ask = { method: 'GET', url: new URL(`http://${host}/`), headers: {} } as const;
    await rejectsWith(
      transport.send(ask, { signal: new AbortController().signal, tenants: NO_NAMESPACE }),
      'ADDRESS_FORBIDDEN',
    );
  }
  assert.equal(server.connections(), 0);
});

test('the Config may name a host that leads to loopback; the address checked is the one connected to', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const port = registry.host.split(':')[1];
  const lookup = lookupOf({ 'registry.test': ['127.0.0.1'] });
  const host = `registry.test:${port}`;
  const client = clientFor(t, {
    allowLoopback: false,
    registries: { [host]: { unsafePlainHttp: true } },
    transport: { lookup },
  });
  assert.equal(await client.resolveTag(at(host), '1.0', exchange()), image.digest);
  assert.deepEqual(lookup.asked, ['registry.test']);
  assert.equal(registry.requests[0]?.host, host);
  // The same host at another port is not named.
  await rejectsWith(client.resolveTag(at('registry.test:1'), '1.0', exchange()), 'ADDRESS_FORBIDDEN');
});

test('a name without an address is REGISTRY_UNREACHABLE', async (t) => {
  const client = clientFor(t, { transport: { lookup: lookupOf({}) } });
  await rejectsWith(
    client.resolveTag(at('nowhere.example'), '1', exchange()),
    'REGISTRY_UNREACHABLE',
    /no such host/,
  );
});

test('TLS: the CA of the Config is trusted beside the usual roots, for its host only', async (t) => {
  const certificate = createTestCertificate();
  const registry = await registryFor(t, { tls: certificate });
  const other = await registryFor(t, { tls: certificate });
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const registries = { [registry.host]: { ca: certificate.ca }, [other.host]: {} };
  const client = clientFor(t, { registries });
  assert.equal(await client.resolveTag(at(registry.host), '1.0', exchange()), image.digest);
  const asked = exchange();
  await rejectsWith(client.resolveTag(at(other.host), '1.0', asked), 'REGISTRY_UNREACHABLE', /certificate/);
  // A certificate that is not trusted is not trusted on second sight either.
  assert.deepEqual(asked.requests, ['manifest']);
});

test('TLS: a certificate for another name is REGISTRY_UNREACHABLE', async (t) => {
  const certificate = createTestCertificate({ hosts: ['elsewhere.test'] });
  const registry = await registryFor(t, { tls: certificate });
  const client = clientFor(t, { registries: { [registry.host]: { ca: certificate.ca } } });
  await rejectsWith(client.resolveTag(at(registry.host), '1.0', exchange()), 'REGISTRY_UNREACHABLE');
});

test('TLS: an expired certificate is REGISTRY_UNREACHABLE', async (t) => {
  const certificate = createTestCertificate({ notBefore: new Date(Date.now() - 10 * 86_400_000), days: 1 });
  const registry = await registryFor(t, { tls: certificate });
  const client = clientFor(t, { registries: { [registry.host]: { ca: certificate.ca } } });
  await rejectsWith(
    client.resolveTag(at(registry.host), '1.0', exchange()),
    'REGISTRY_UNREACHABLE',
    /expired/,
  );
});

test('TLS before 1.2 is not spoken', async (t) => {
  const certificate = createTestCertificate();
  const server = createTlsServer({
    cert: certificate.certificate,
    key: certificate.privateKey,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const host = await listen(t, server);
  const client = clientFor(t, { registries: { [host]: { ca: certificate.ca } } });
  await rejectsWith(client.resolveTag(at(host), '1.0', exchange()), 'REGISTRY_UNREACHABLE');
});

test('a TLS handshake without end is REGISTRY_UNREACHABLE after the limit', async (t) => {
  const host = await listen(
    t,
    createServer(() => {}),
  );
  const client = clientFor(t, { registries: { [host]: {} }, transport: { connectMs: 100 } });
  const asked = exchange();
  await rejectsWith(client.resolveTag(at(host), '1', asked), 'REGISTRY_UNREACHABLE', /no connection in time/);
  assert.equal(asked.requests.length, LIMITS.attempts);
});

test('a server that does not speak TLS is REGISTRY_UNREACHABLE, in one line', async (t) => {
  const server = await rawServer(t, (_request, response) => response.end());
  const client = clientFor(t, { registries: { [server.host]: {} } });
  const error = await rejectsWith(
    client.resolveTag(at(server.host), '1.0', exchange()),
    'REGISTRY_UNREACHABLE',
    /TLS/,
  );
  assert.ok(!error.message.includes('\n'));
});

test('headers of more than the limit are LIMIT_EXCEEDED', async (t) => {
  const host = await serving(t, `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(LIMITS.headerBytes)}\r\n\r\n`);
  await rejectsWith(clientFor(t).resolveTag(at(host), '1', exchange()), 'LIMIT_EXCEEDED');
});

test('what is not HTTP/1.1 is RESPONSE_MALFORMED', async (t) => {
  for (const bytes of [
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/9.9 200 OK\r\n\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    '\0\0\0\0\0\0',
  ]) {
    const host = await serving(t, bytes);
    await rejectsWith(clientFor(t).resolveTag(at(host), '1', exchange()), 'RESPONSE_MALFORMED');
  }
});

test('an answer with two lengths is refused', async (t) => {
  const host = await serving(t, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\n{}');
  await rejectsWith(clientFor(t).manifest(at(host), { tag: '1' }, exchange()), 'RESPONSE_MALFORMED');
});

test('close ends what is under way', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'hang' });
  const client = clientFor(t);
  const asked = client.resolveTag(at(registry.host), '1', exchange());
  await until(() => registry.requests.length > 0);
  await client.close();
  await rejectsWith(asked, 'CANCELLED');
});

/** A server that sends these bytes to whoever connects, and hangs up. */
function serving(t: TestContext, bytes: string): Promise<string> {
  return listen(
    t,
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(bytes));
    }),
  );
}

async function listen(t: TestContext, server: ReturnType<typeof createServer>): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** Registries of very many names, all of them this server. */
function manyHosts(count: number, port: number) {
  const hosts = Array.from({ length: count }, (_, index) => `h${index}.example`);
  const names = Object.fromEntries(hosts.map((host) => [host, ['127.0.0.1']]));
  const registries = Object.fromEntries(hosts.map((host) => [`${host}:${port}`, { unsafePlainHttp: true }]));
  return { hosts: Object.keys(registries), registries, transport: { lookup: lookupOf(names) } };
}

test('one namespace has no more than half of all connections, to however many hosts its images lead', async (t) => {
  const slow = await rawServer(t, () => {});
  const quick = await registryFor(t);
  const image = quick.pushImage('acme/app', { tag: '1' });
  const { hosts, registries, transport } = manyHosts(LIMITS.connectionsInAll, slow.port);
  const client = clientFor(t, { registries, transport });
  const gone = new AbortController();
  const shop = { ...exchange(60_000, gone.signal), tenants: tenant('shop') };
  const flood = hosts.map((host) => client.resolveTag(at(host), '1', shop));
  for (const one of flood) one.catch(() => {});
  await until(() => slow.requests.length >= LIMITS.connectionsInAll / 2);
  assert.equal(
    await client.resolveTag(at(quick.host), '1', { ...exchange(), tenants: tenant('other') }),
    image.digest,
  );
  assert.equal(slow.connections(), LIMITS.connectionsInAll / 2);
  gone.abort();
  await Promise.allSettled(flood);
});

test('so many connections are kept, and no longer than we say', async (t) => {
  const sockets = new Set<Socket>();
  const server = await rawServer(t, (_request, response) => {
    sockets.add(response.req.socket);
    response.req.socket.once('close', () => sockets.delete(response.req.socket));
    response.writeHead(404, { 'keep-alive': 'timeout=600' }).end();
  });
  const many = manyHosts(LIMITS.connectionsKept + 100, server.port);
  const client = clientFor(t, {
    registries: many.registries,
    transport: { ...many.transport, keepAliveMs: 1_500 },
  });
  for (const host of many.hosts)
    await rejectsWith(client.resolveTag(at(host), '1', exchange()), 'IMAGE_NOT_FOUND');
  assert.equal(server.connections(), many.hosts.length);
  assert.ok(sockets.size <= LIMITS.connectionsKept + 1, `${sockets.size} are open`);
  await until(() => sockets.size === 0);
});

test('names that nobody answers for keep no other namespace from its registries', async (t) => {
  const quick = await rawServer(t, (_request, response) => response.writeHead(404).end());
  const known = lookupOf({ 'quick.example': ['127.0.0.1'] });
  let asked = 0;
  const lookup: LookupFunction = (hostname, options, callback) => {
    if (hostname.startsWith('slow')) asked += 1;
    else known(hostname, options, callback);
  };
  const host = `quick.example:${quick.port}`;
  const client = clientFor(t, { registries: { [host]: { unsafePlainHttp: true } }, transport: { lookup } });
  const gone = new AbortController();
  const shop = { ...exchange(60_000, gone.signal), tenants: tenant('shop') };
  const flood = Array.from({ length: 50 }, (_, index) =>
    client.resolveTag(at(`slow${index}.example`), '1', shop),
  );
  for (const one of flood) one.catch(() => {});
  await until(() => asked > 0);
  const other = { ...exchange(), tenants: tenant('other') };
  await rejectsWith(client.resolveTag(at(host), '1', other), 'IMAGE_NOT_FOUND');
  assert.equal(asked, LIMITS.lookups / 2);
  gone.abort();
  await Promise.allSettled(flood);
});
