// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEFAULT_CONFIG, type RegistryConfig } from '../../src/config/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { createProxies } from '../../src/registry/proxies.ts';
import { createReach } from '../../src/registry/reach.ts';
import { createTransport } from '../../src/registry/transport.ts';
import { NO_NAMESPACE } from '../../src/sharing/index.ts';
import { createTestCa, createTestCertificate, type TestRegistryOptions } from '../../src/testing/index.ts';
import { connectProxy } from '../support/connect-proxy.ts';
import { at, clientFor, credentialFor, exchange, lookupOf, registryFor, rejectsWith } from './world.ts';

const CA = createTestCa();
const SERVER = createTestCertificate({ ca: CA, hosts: ['registry.test'] });
const US = createTestCertificate({ ca: CA, hosts: [], commonName: 'countersign' });
/** Names nothing: what goes through a proxy is looked up there. */
const NOBODY = lookupOf({});

/** A registry called `registry.test:PORT`, which only the proxy finds. */
async function hidden(t: TestContext, options: TestRegistryOptions = { tls: SERVER }) {
  const registry = await registryFor(t, options);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const port = Number(registry.host.split(':')[1]);
  const host = `registry.test:${port}`;
  const registries: Record<string, RegistryConfig> = { [host]: { ca: SERVER.ca } };
  return { registry, image, host, registries, to: { [host]: port } };
}

test('https goes through a tunnel: the registry is looked up there, and TLS is spoken with it', async (t) => {
  const { registry, image, host, registries, to } = await hidden(t);
  const proxy = await connectProxy(t, { to });
  const client = clientFor(t, {
    registries,
    proxies: { httpsProxy: `http://${proxy.host}` },
    transport: { lookup: NOBODY },
  });
  assert.equal(await client.resolveTag(at(host), '1.0', exchange()), image.digest);
  assert.ok(await client.manifest(at(host), image.digest, exchange()));
  // One tunnel for both, and nothing of what went through it could be read.
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    [host],
  );
  assert.equal(proxy.asked[0]?.headers.host, host);
  assert.equal(registry.requests.length, 2);
  assert.ok(!proxy.seen().includes('acme'));
  assert.ok(proxy.seen().length > 0);
});

test('the CA and the client certificate of the registry hold through a proxy', async (t) => {
  const { registry, image, host, to } = await hidden(t, { tls: { ...SERVER, clientCa: CA.certificate } });
  const proxy = await connectProxy(t, { to });
  const ask = (entry: RegistryConfig) =>
    clientFor(t, { registries: { [host]: entry }, proxies: { httpsProxy: proxy.host } }).resolveTag(
      at(host),
      '1.0',
      exchange(),
    );
  const clientCertificate = { certificate: US.certificate, privateKey: US.privateKey };
  assert.equal(await ask({ ca: SERVER.ca, clientCertificate }), image.digest);
  registry.clearRequests();
  await rejectsWith(ask({ clientCertificate }), 'REGISTRY_UNREACHABLE', /certificate/);
  await rejectsWith(ask({ ca: SERVER.ca }), 'REGISTRY_UNREACHABLE');
  const elsewhere = createTestCertificate({ ca: CA, hosts: ['elsewhere.test'] });
  const other = await hidden(t, { tls: elsewhere });
  const wrong = await connectProxy(t, { to: other.to });
  const client = clientFor(t, { registries: other.registries, proxies: { httpsProxy: wrong.host } });
  await rejectsWith(client.resolveTag(at(other.host), '1.0', exchange()), 'REGISTRY_UNREACHABLE');
  assert.deepEqual(registry.requests, []);
});

test('plain HTTP goes through a tunnel of HTTP_PROXY, and https does not', async (t) => {
  const { image, host, to } = await hidden(t, {});
  const proxy = await connectProxy(t, { to });
  const registries = { [host]: { unsafePlainHttp: true } };
  const proxies = { httpProxy: `http://${proxy.host}/` };
  const client = clientFor(t, { registries, proxies, transport: { lookup: NOBODY } });
  assert.equal(await client.resolveTag(at(host), '1.0', exchange()), image.digest);
  assert.equal(proxy.asked.length, 1);
  await rejectsWith(
    client.resolveTag(at('other.test'), '1.0', exchange()),
    'REGISTRY_UNREACHABLE',
    /no such host/,
  );
  assert.equal(proxy.asked.length, 1);
});

test('a proxy over TLS, with a CA that the Config names for it', async (t) => {
  const { image, host, registries, to } = await hidden(t);
  const certificate = createTestCertificate({ hosts: ['proxy.test'] });
  const proxy = await connectProxy(t, { to, tls: certificate });
  const name = `proxy.test:${proxy.port}`;
  const options = {
    proxies: { httpsProxy: `https://${name}` },
    transport: { lookup: lookupOf({ 'proxy.test': ['127.0.0.1'] }) },
  };
  const client = clientFor(t, { ...options, registries: { ...registries, [name]: { ca: certificate.ca } } });
  assert.equal(await client.resolveTag(at(host), '1.0', exchange()), image.digest);
  const doubting = clientFor(t, { ...options, registries });
  const asked = exchange();
  await rejectsWith(
    doubting.resolveTag(at(host), '1.0', asked),
    'PROXY_UNREACHABLE',
    new RegExp(`${name}.*certificate`),
  );
  assert.equal(asked.requests.length, 1);
  assert.equal(proxy.asked.length, 1);
});

test('credentials for the proxy go to the proxy, those of the registry to the registry', async (t) => {
  const users = [{ username: 'alice', password: 's3cret' }];
  const { registry, image, host, to } = await hidden(t, {
    auth: { kind: 'basic', users },
  });
  const proxy = await connectProxy(t, { to, user: 'bob:p@ss:word' });
  const registries = { [host]: { unsafePlainHttp: true } };
  const ask = (user: string) =>
    clientFor(t, {
      registries,
      credentials: credentialFor(host),
      proxies: { httpProxy: `http://${user}${proxy.host}` },
    }).resolveTag(at(host), '1.0', exchange());
  assert.equal(await ask('bob:p%40ss%3Aword@'), image.digest);
  assert.equal(registry.requests.at(-1)?.authorization, 'basic');
  assert.ok(!proxy.seen().toLowerCase().includes('proxy-authorization'));
  assert.ok(proxy.asked.every(({ headers }) => headers.authorization === undefined));

  registry.clearRequests();
  const named = new RegExp(`the proxy ${proxy.host} .*407`);
  const error = await rejectsWith(ask('bob:wr0ng@'), 'PROXY_REFUSED', named);
  assert.ok(!error.message.includes('wr0ng') && !error.message.includes('bob'));
  await rejectsWith(ask(''), 'PROXY_REFUSED', /wants credentials, and there are none/);
  assert.deepEqual(registry.requests, []);
});

test('an answer of the proxy that is none of the registry', async (t) => {
  for (const [answer, code, message, attempts] of [
    [403, 'PROXY_REFUSED', /the answer was 403/, 1],
    [502, 'PROXY_REFUSED', /the answer was 502/, LIMITS.attempts],
    ['HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'PROXY_REFUSED', /more than its answer/, 1],
    ['SSH-2.0-OpenSSH_9.9\r\n', 'PROXY_UNREACHABLE', /./, 1],
    ['', 'PROXY_UNREACHABLE', /reset/, LIMITS.attempts],
    ['nothing', 'PROXY_UNREACHABLE', /no connection in time/, LIMITS.attempts],
  ] as const) {
    const proxy = await connectProxy(t, { to: {}, answer });
    const connectMs = answer === 'nothing' ? 200 : 30_000;
    const client = clientFor(t, { proxies: { httpsProxy: proxy.host }, transport: { connectMs } });
    const asked = exchange();
    const error = await rejectsWith(client.resolveTag(at('registry.test'), '1.0', asked), code, message);
    assert.ok(error.message.startsWith(`registry.test:443: the proxy ${proxy.host}`), error.message);
    assert.equal(asked.requests.length, attempts, String(answer));
  }
});

test('a proxy that is not there is PROXY_UNREACHABLE, and nobody is asked directly', async (t) => {
  const { registry, host, registries } = await hidden(t);
  const lookup = lookupOf({ 'registry.test': ['127.0.0.1'] });
  const client = clientFor(t, { registries, proxies: { httpsProxy: '127.0.0.1:1' }, transport: { lookup } });
  await rejectsWith(
    client.resolveTag(at(host), '1.0', exchange()),
    'PROXY_UNREACHABLE',
    /127\.0\.0\.1:1: connection refused/,
  );
  assert.deepEqual([registry.requests.length, lookup.asked.length], [0, 0]);
});

test('what NO_PROXY exempts goes directly, past the guard on addresses', async (t) => {
  const { image, host, registries } = await hidden(t);
  const proxy = await connectProxy(t, { to: {} });
  const proxies = { httpsProxy: proxy.host, noProxy: '.test' };
  const lookup = lookupOf({ 'registry.test': ['127.0.0.1'], 'evil.test': ['169.254.169.254'] });
  const client = clientFor(t, { registries, proxies, transport: { lookup }, allowLoopback: false });
  assert.equal(await client.resolveTag(at(host), '1.0', exchange()), image.digest);
  await rejectsWith(client.resolveTag(at('evil.test'), '1.0', exchange()), 'ADDRESS_FORBIDDEN');
  assert.deepEqual(proxy.asked, []);
});

test('an address that is refused is not asked for from a proxy either', async (t) => {
  const proxy = await connectProxy(t, { to: {} });
  const proxies = { httpsProxy: proxy.host, httpProxy: proxy.host };
  const client = clientFor(t, {
    proxies,
    allowLoopback: false,
    transport: { lookup: lookupOf({ 'a.localhost': ['127.0.0.1'] }) },
  });
  for (const host of [
    '169.254.169.254',
    '[fd00:ec2::254]',
    '127.0.0.1:5000',
    '[::1]:5000',
    'localhost:5000',
    '[::ffff:a9fe:a9fe]',
    'a.localhost:5000',
  ]) {
    await rejectsWith(client.resolveTag(at(host), '1.0', exchange()), 'ADDRESS_FORBIDDEN');
  }
  assert.deepEqual(proxy.asked, []);
});

test('the connection itself refuses such an address, whoever asks for it', async (t) => {
  const proxy = await connectProxy(t, { to: {} });
  const proxyFor = () =>
    createProxies({ httpsProxy: proxy.host })('https:', { hostname: 'any.test', port: 443 });
  const transport = createTransport(createReach(DEFAULT_CONFIG, false), proxyFor);
  t.after(() => transport.close());
  for (const url of ['https://169.254.169.254/', 'http://127.0.0.1:5000/', 'https://[::ffff:7f00:1]/']) {
    const ask = { method: 'GET', url: new URL(url), headers: {} } as const;
    await rejectsWith(
      transport.send(ask, { signal: new AbortController().signal, tenants: NO_NAMESPACE }),
      'ADDRESS_FORBIDDEN',
    );
  }
  assert.deepEqual(proxy.asked, []);
});

test('a registry on loopback is asked directly on the command line', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const proxy = await connectProxy(t, { to: {} });
  const client = clientFor(t, { proxies: { httpsProxy: proxy.host, httpProxy: proxy.host } });
  assert.equal(await client.resolveTag(at(registry.host), '1.0', exchange()), image.digest);
  assert.deepEqual(proxy.asked, []);
});

test('URLs of proxies: default ports, and what is none', () => {
  const target = { hostname: 'reg.example', port: 443 };
  for (const [text, protocol, hostname, port] of [
    ['http://proxy.example', 'http:', 'proxy.example', 80],
    ['https://proxy.example/', 'https:', 'proxy.example', 443],
    ['proxy.example:3128', 'http:', 'proxy.example', 3128],
    ['10.0.0.1:3128', 'http:', '10.0.0.1', 3128],
    ['http://[fd00::1]:3128', 'http:', 'fd00::1', 3128],
  ] as const) {
    const found = createProxies({ httpsProxy: text })('https:', target);
    assert.deepEqual([found?.protocol, found?.hostname, found?.port], [protocol, hostname, port]);
    assert.equal(createProxies({ httpsProxy: text })('http:', target), undefined);
  }
  for (const text of ['', ' ', undefined]) {
    assert.equal(createProxies({ httpsProxy: text })('https:', target), undefined);
  }
  for (const text of [
    'socks5://bob:p4ss@proxy.example',
    'http://',
    'http://bob:p4ss%@proxy.example',
    'http://bob:p4ss@proxy.example/path',
    '://',
  ]) {
    assert.throws(
      () => createProxies({ httpProxy: text }),
      (error: Error & { code?: string }) => error.code === 'PROXY_INVALID' && !/p4ss|bob/.test(error.message),
      text,
    );
  }
});
