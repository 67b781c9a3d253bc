// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { createTestCa, createTestCertificate, startTestRegistry } from '../../src/testing/index.ts';

type Made = ReturnType<typeof createTestCertificate>;

async function serverFor(t: TestContext, { certificate, privateKey, ca }: Made, requestCert = false) {
  const server = createServer(
    { cert: certificate, key: privateKey, ca, requestCert },
    (socket: TLSSocket) => {
      socket.on('error', () => {});
      socket.end(socket.authorized ? 'known' : 'unknown');
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function greet(port: number, servername: string, options: { ca: string; cert?: string; key?: string }) {
  const socket = connect({ port, host: '127.0.0.1', servername, minVersion: 'TLSv1.2', ...options });
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

test('a client that trusts the authority accepts the certificate for its hosts only', async (t) => {
  const made = createTestCertificate({ hosts: ['localhost', 'reg.test', '127.0.0.1'] });
  const port = await serverFor(t, made);
  for (const name of ['localhost', 'reg.test']) assert.equal(await greet(port, name, made), 'unknown');
  await assert.rejects(greet(port, 'other.test', made), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  await assert.rejects(
    greet(port, 'localhost', createTestCertificate()),
    /unable to verify|self-signed|signature/,
  );
});

test('it says what it is for, and openssl reads every field', () => {
  const ca = createTestCa();
  const made = createTestCertificate({
    hosts: ['a.test', '10.0.0.1', '::1', 'fd00::a:0:1'],
    ca,
    commonName: 'admin',
    days: 3,
    notBefore: new Date('2049-12-30T00:00:00Z'),
  });
  const certificate = new X509Certificate(made.certificate);
  assert.equal(
    certificate.subjectAltName,
    'DNS:a.test, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:0:0:0:0:A:0:1',
  );
  assert.equal(certificate.subject, 'CN=admin');
  assert.equal(certificate.ca, false);
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  assert.equal(certificate.validFrom, 'Dec 30 00:00:00 2049 GMT');
  assert.equal(certificate.validTo, 'Jan  2 00:00:00 2050 GMT');
  const authority = new X509Certificate(made.ca);
  assert.equal(authority.ca, true);
  assert.ok(certificate.checkIssued(authority));
  assert.ok(certificate.verify(ca.publicKey));
  assert.equal(made.ca, ca.certificate);
});

test('it serves as a client certificate too', async (t) => {
  const ca = createTestCa();
  const port = await serverFor(t, createTestCertificate({ ca }), true);
  const client = createTestCertificate({ ca, hosts: [], commonName: 'kube-apiserver' });
  const options = { ca: client.ca, cert: client.certificate, key: client.privateKey };
  assert.equal(await greet(port, 'localhost', options), 'known');
});

test('an expired one is refused', async (t) => {
  const made = createTestCertificate({ notBefore: new Date('2020-01-01'), days: 1 });
  const port = await serverFor(t, made);
  await assert.rejects(greet(port, 'localhost', made), { code: 'CERT_HAS_EXPIRED' });
});

test('a registry serves HTTPS with it, over stop and start', async (t) => {
  const tls = createTestCertificate();
  const registry = await startTestRegistry({ tls });
  t.after(() => registry.close());
  const status = () =>
    new Promise((resolve, reject) => {
      const sent = request(`${registry.url}/v2/`, { ca: tls.ca, agent: false }, (response) =>
        resolve(response.resume().statusCode),
      );
      sent.once('error', reject).end();
    });
  assert.match(registry.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await status(), 200);
  await registry.stop();
  await assert.rejects(status(), { code: 'ECONNREFUSED' });
  await registry.start();
  assert.equal(await status(), 200);
});
