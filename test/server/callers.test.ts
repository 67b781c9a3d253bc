// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Call } from '../../src/evaluate.ts';
import { LIMITS } from '../../src/limits.ts';
import { createTestCa, createTestCertificate, type TestCa } from '../../src/testing/index.ts';
import { post, probe, reviewOf, startTestServer, stubEngine } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/mounted-volume.ts';
import { openTls } from '../support/raw-http.ts';

const BODY = JSON.stringify(reviewOf());

async function serverFor(t: TestContext, clientCa: TestCa | undefined) {
  const proven: (boolean | undefined)[] = [];
  const engine = stubEngine({
    validate(body, deps, call: Call) {
      proven.push(call.proven);
      return stubEngine().validate(body, deps, call);
    },
  });
  const clientCaFile = join(temporaryFolder(t), 'clients.pem');
  if (clientCa !== undefined) writeFileSync(clientCaFile, clientCa.certificate);
  const options = clientCa === undefined ? {} : { clientCaFile };
  const server = await startTestServer(t, { engine, ...options });
  const clientOf = (ca: TestCa) => {
    const { certificate: cert, privateKey: key } = createTestCertificate({
      ca,
      hosts: [],
      commonName: 'api',
    });
    return { cert, key };
  };
  const ask = async (options: object = {}) => {
    const { status } = await post(server, BODY, options);
    assert.equal(status, 200, 'everybody is answered');
    return proven.at(-1);
  };
  return { server, ask, clientOf, clientCaFile };
}

test('proven is who shows a certificate of the authority; all are answered', async (t) => {
  const ca = createTestCa();
  const { server, ask, clientOf } = await serverFor(t, ca);
  const counted = async () =>
    /^countersign_unproven_requests_total (\d+)$/m.exec((await probe(server, '/metrics')).text)?.[1];
  assert.equal(await ask(clientOf(ca)), true);
  assert.equal(await counted(), '0');
  assert.equal(await ask(), false);
  assert.equal(await ask(clientOf(createTestCa())), false);
  const { certificate, privateKey: key } = createTestCertificate({ ca, notBefore: new Date('2020-01-01') });
  assert.equal(await ask({ cert: certificate, key }), false, 'one that has ended');
  assert.equal(await counted(), '3');
});

test('that reviews come from who shows none is said once, in a line that says what it means', async (t) => {
  const ca = createTestCa();
  const { server, ask, clientOf } = await serverFor(t, ca);
  const said = () => server.lines.filter(({ message }) => /show no certificate/.test(message));
  await ask(clientOf(ca));
  await post(server, 'no review');
  assert.deepEqual(said(), []);
  await ask();
  await ask(clientOf(createTestCa()));
  await post(server, BODY, { path: '/mutate' });
  const [line, ...others] = said();
  assert.deepEqual([line?.level, line?.['count'], others.length], ['warn', 1, 0]);
  assert.match(String(line?.['problem']), /without pull secrets.*--admission-control-config-file/);
});

test('a session is not resumed: each connection shows its certificate', async (t) => {
  const ca = createTestCa();
  const { server, ask, clientOf } = await serverFor(t, ca);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = await openTls(server, { ...clientOf(ca), minVersion: version, maxVersion: version });
    const session = await new Promise<Buffer | undefined>((resolve) => {
      first.once('session', resolve);
      setTimeout(() => resolve(first.getSession()), 300);
      first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    first.destroy();
    assert.equal(await ask({ session, minVersion: version, maxVersion: version }), false, version);
  }
});

test('kept connections stay what they are', async (t) => {
  const ca = createTestCa();
  const { ask, clientOf } = await serverFor(t, ca);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (let count = 0; count < 3; count += 1) assert.equal(await ask({ ...clientOf(ca), agent }), true);
});

test('what strangers send at one time is bounded apart, so that the API server is always heard', async (t) => {
  const ca = createTestCa();
  const { server, ask, clientOf } = await serverFor(t, ca);
  const most = LIMITS.unprovenReviewBytesUnderWay;
  // Small ones have room of their own.
  const large = BODY + ' '.repeat(LIMITS.smallReviewBytes);
  const slow = await openTls(server);
  slow.write(`POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${most}\r\n\r\n${' '.repeat(most - 1)}`);
  await eventually('strangers are turned away', async () => (await post(server, large)).status === 503);
  assert.equal((await post(server, large, clientOf(ca))).status, 200);
  assert.equal(await ask(), false, 'a small one');
  slow.destroy();
  await eventually('there is room again', async () => (await post(server, large)).status === 200);
});

test('without --client-ca everybody is taken for the API server', async (t) => {
  const { server, ask, clientOf } = await serverFor(t, undefined);
  assert.equal(await ask(), true);
  assert.equal(await ask(clientOf(createTestCa())), true);
  assert.ok(!server.lines.some(({ message }) => /show no certificate/.test(message)));
});

test('other authorities hold for new connections, broken ones leave the old in use, a new certificate both', async (t) => {
  const [old, next] = [createTestCa(), createTestCa()];
  const { server, ask, clientOf, clientCaFile } = await serverFor(t, old);
  writeFileSync(clientCaFile, 'broken');
  await eventually('the failure', () =>
    server.lines.some(({ message }) => /client authorities are broken/.test(message)),
  );
  assert.equal(await ask(clientOf(old)), true);
  writeFileSync(clientCaFile, next.certificate);
  await eventually('the new one', async () => (await ask(clientOf(next))) === true);
  assert.equal(await ask(clientOf(old)), false);
  const fresh = createTestCertificate({ ca: server.ca });
  writeFileSync(server.keyFile, fresh.privateKey);
  writeFileSync(server.certFile, fresh.certificate);
  await eventually(
    'the certificate',
    () => server.lines.filter(({ message }) => message === 'certificate loaded').length > 1,
  );
  assert.equal(await ask(clientOf(next)), true);
  assert.equal(await ask(), false);
});

test('a file without authorities ends the start', async (t) => {
  const clientCaFile = join(temporaryFolder(t), 'clients.pem');
  await assert.rejects(startTestServer(t, { clientCaFile }), { code: 'FILE_UNREADABLE' });
  writeFileSync(clientCaFile, 'nothing');
  await assert.rejects(startTestServer(t, { clientCaFile }), { code: 'LISTEN_FAILED' });
});
