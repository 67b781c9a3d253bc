// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post, probe, reviewOf, startTestServer } from '../../support/admission-server.ts';
import { startApiServer } from '../../support/api-server/server.ts';
import { eventually } from '../../support/eventually.ts';
import {
  installChart,
  managedTls,
  servedTo,
  stateIn,
  trustIn,
  writeTexts,
} from '../../support/managed-tls.ts';

const BODY = JSON.stringify(reviewOf());

test('without an API server it runs unready, and with one it serves whom the webhooks trust', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  api.fault = () => 'hang up';
  const server = await startTestServer(t, { tls: managedTls(t, api) });
  const ready = await probe(server, '/readyz');
  assert.deepEqual([ready.status, ready.json()['certificate']], [503, { ok: false }]);
  assert.equal((await probe(server, '/healthz')).status, 200);
  await assert.rejects(post(server, BODY));

  api.fault = () => undefined;
  await eventually('ready', async () => (await probe(server, '/readyz')).status === 200);
  const leaf = stateIn(api).leaf?.x509.fingerprint256;
  assert.equal(await servedTo(api, server.address), leaf);

  writeTexts(api, { 'tls.crt': '' });
  await eventually('the next one', () => stateIn(api).leaf !== undefined);
  await eventually('it is served', async () => {
    return (await servedTo(api, server.address)) === stateIn(api).leaf?.x509.fingerprint256;
  });
  const ca = { certificate: trustIn(api)[0]?.[0]?.pem } as never;
  const answer = await post({ address: server.address, ca }, BODY, { servername: 'web.own.svc' });
  assert.equal(answer.status, 200);
  assert.ok(!JSON.stringify(server.lines).includes('PRIVATE'));
});
