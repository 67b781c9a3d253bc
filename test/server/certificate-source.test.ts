// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTestCa, createTestCertificate } from '../../src/testing/index.ts';
import { post, probe, reviewOf, startTestServer, type TestServer } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { mountVolume, temporaryFolder } from '../support/mounted-volume.ts';
import { openTls } from '../support/raw-http.ts';

const BODY = JSON.stringify(reviewOf());

async function servedName(server: Pick<TestServer, 'address' | 'ca'>): Promise<string> {
  const socket = await openTls(server);
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
}

test('a new certificate is served to new connections, and those that stand live on', async (t) => {
  const server = await startTestServer(t);
  const old = await openTls(server);
  t.after(() => old.destroy());
  const fresh = createTestCertificate({ ca: server.ca, commonName: 'fresh', days: 2 });
  writeFileSync(server.certFile, fresh.certificate);
  writeFileSync(server.keyFile, fresh.privateKey);
  await eventually('the new certificate', async () => (await servedName(server)) === 'fresh');

  const answer = new Promise<string>((resolve) => old.once('data', (bytes) => resolve(String(bytes))));
  old.write(`POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`);
  assert.match(await answer, /^HTTP\/1\.1 200/);
  const tls11 = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  await assert.rejects(openTls(server, tls11), 'the lowest version holds after the change too');

  const { text } = await probe(server, '/metrics');
  const expiry = Number(/^countersign_certificate_expiry_timestamp_seconds (\S+)$/m.exec(text)?.[1]);
  assert.ok(Math.abs(expiry - Date.now() / 1000 - 2 * 86_400) < 7_200);
});

test('a mounted Secret is swapped as a whole', async (t) => {
  const folder = temporaryFolder(t);
  const ca = createTestCa();
  const contents = (commonName: string) => {
    const { certificate, privateKey } = createTestCertificate({ ca, commonName });
    return { 'tls.crt': certificate, 'tls.key': privateKey };
  };
  const volume = mountVolume(folder, contents('first'));
  const tls = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  const { address, lines } = await startTestServer(t, { tls });
  assert.equal(await servedName({ address, ca }), 'first');
  volume.swap(contents('second'));
  await eventually('the second', async () => (await servedName({ address, ca })) === 'second');
  assert.ok(lines.every((line) => line.level !== 'error'));
});

test('a certificate without its key, a broken one and a locked key keep the old one', async (t) => {
  const server = await startTestServer(t);
  const stranger = createTestCertificate({ ca: server.ca, commonName: 'stranger' });
  const own = createTestCertificate({ ca: server.ca });
  const locked = createPrivateKey(own.privateKey)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString();
  const rows = [
    { cert: stranger.certificate, key: own.privateKey, problem: /tls\.key: not the key of the certificate/ },
    { cert: 'broken', key: own.privateKey, problem: /tls\.crt: no certificate in PEM/ },
    { cert: own.certificate, key: locked, problem: /tls\.key: no unencrypted private key in PEM/ },
  ];
  const failures = () => server.lines.filter((line) => line.message.includes('the old one stays'));
  for (const [index, { cert, key, problem }] of rows.entries()) {
    writeFileSync(server.certFile, cert);
    writeFileSync(server.keyFile, key);
    await eventually('the failure', () => failures().length === index + 1);
    assert.match(String(failures().at(-1)?.['problem']), problem);
    assert.equal(failures().at(-1)?.['code'], 'LISTEN_FAILED');
    assert.equal(await servedName(server), '127.0.0.1');
  }
  const { text } = await probe(server, '/metrics');
  assert.match(text, /^countersign_certificate_reloads_total\{result="error"\} 3$/m);
  assert.ok(!JSON.stringify(server.lines).includes('PRIVATE'));
});

test('requests run on while certificates change', async (t) => {
  const server = await startTestServer(t);
  let running = true;
  const clients = Array.from({ length: 3 }, async () => {
    while (running) assert.equal((await post(server, BODY)).status, 200);
  });
  for (let round = 0; round < 3; round += 1) {
    const { certificate, privateKey } = createTestCertificate({
      ca: server.ca,
      commonName: `round-${round}`,
    });
    writeFileSync(server.keyFile, privateKey);
    writeFileSync(server.certFile, certificate);
    await wait(100);
  }
  await eventually('the last one', async () => (await servedName(server)) === 'round-2');
  running = false;
  await Promise.all(clients);
});
