// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { createTestCa, createTestCertificate, type TestCertificate } from '../../src/testing/index.ts';
import { at, clientFor, exchange, lookupOf, rawServer, registryFor, rejectsWith } from './world.ts';

const CA = createTestCa();
const SERVER = createTestCertificate({ ca: CA, hosts: ['127.0.0.1', 'registry.test', 'other.test'] });
const US = createTestCertificate({ ca: CA, hosts: [], commonName: 'countersign' });
const STRANGER = createTestCertificate({ hosts: [], commonName: 'stranger' });
const X = digestOf(Buffer.from('x'));

function entryWith({ certificate, privateKey }: TestCertificate) {
  return { ca: SERVER.ca, clientCertificate: { certificate, privateKey } };
}

test('a registry that demands a client certificate answers who shows it, and nobody else', async (t) => {
  const registry = await registryFor(t, { tls: { ...SERVER, clientCa: CA.certificate } });
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  const { host } = registry;
  const client = clientFor(t, { registries: { [host]: entryWith(US) } });
  assert.equal(await client.resolveTag(at(host), '1.0', exchange()), image.digest);

  for (const entry of [{ ca: SERVER.ca }, entryWith(STRANGER)]) {
    registry.clearRequests();
    const refused = clientFor(t, { registries: { [host]: entry } });
    await rejectsWith(refused.resolveTag(at(host), '1.0', exchange()), 'REGISTRY_UNREACHABLE');
    assert.deepEqual(registry.requests, []);
  }
});

test('that a client certificate is missing is said', async (t) => {
  const registry = await registryFor(t, { tls: { ...SERVER, clientCa: CA.certificate } });
  const client = clientFor(t, { registries: { [registry.host]: { ca: SERVER.ca } } });
  const asked = client.resolveTag(at(registry.host), '1.0', exchange());
  await rejectsWith(asked, 'REGISTRY_UNREACHABLE', /client certificate|reset|closed/);
});

test('a redirect leads to no client certificate, unless that host has one of its own', async (t) => {
  const bytes = Buffer.from('blob');
  const descriptor = { digest: digestOf(bytes), size: bytes.length };
  const store = await rawServer(t, (_request, response) => response.end(bytes), SERVER);
  const registry = await rawServer(
    t,
    (_request, response) =>
      response.writeHead(307, { location: `https://other.test:${store.port}/blob` }).end(),
    SERVER,
  );
  const [host, there] = [`registry.test:${registry.port}`, `other.test:${store.port}`];
  const lookup = lookupOf({ 'registry.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] });
  const own = createTestCertificate({ ca: CA, hosts: [], commonName: 'for the store' });
  for (const [entry, shown] of [
    [{ ca: SERVER.ca }, undefined],
    [entryWith(own), 'for the store'],
  ] as const) {
    const client = clientFor(t, {
      registries: { [host]: entryWith(US), [there]: entry },
      transport: { lookup },
    });
    assert.ok(await client.blob(at(host), descriptor, 10, exchange()));
    assert.equal(registry.requests.at(-1)?.client, 'countersign');
    assert.equal(store.requests.at(-1)?.client, shown);
  }
});

test('a token server on another port sees no client certificate', async (t) => {
  const tokens = await rawServer(t, (_request, response) => response.end('{"token":"x"}'), SERVER);
  const registry = await rawServer(
    t,
    (request, response) => {
      const realm = `https://127.0.0.1:${tokens.port}/token`;
      const refusal = { 'www-authenticate': `Bearer realm="${realm}",service="s"` };
      if (request.headers.authorization === undefined) response.writeHead(401, refusal).end();
      else response.writeHead(200, { 'docker-content-digest': X }).end();
    },
    SERVER,
  );
  const client = clientFor(t, {
    registries: { [registry.host]: { ...entryWith(US), tokenServer: tokens.host } },
  });
  assert.equal(await client.resolveTag(at(registry.host), '1.0', exchange()), X);
  assert.deepEqual(
    registry.requests.map(({ client: shown }) => shown),
    ['countersign', 'countersign'],
  );
  assert.deepEqual(
    tokens.requests.map(({ client: shown }) => shown),
    [undefined],
  );
});
