// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createTestCertificate } from '../../src/testing/index.ts';
import { NO_FACTS, post, probe, reviewOf, startTestServer } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';

const DAY = 24 * 3600 * 1000;

test('a server that serves is alive and ready, with the age of what it serves with', async (t) => {
  const server = await startTestServer(t);
  assert.deepEqual((await probe(server, '/healthz')).json(), { status: 'ok' });
  const ready = await probe(server, '/readyz');
  assert.equal(ready.status, 200);
  const { policy, certificate } = Object(ready.json());
  assert.deepEqual([policy.ok, policy.documents, policy.lastReload], [true, 1, 'ok']);
  assert.ok(Math.abs(Date.parse(policy.loadedAt) - Date.now()) < 60_000 && policy.ageSeconds < 60);
  assert.equal(certificate.ok, true);
  assert.ok(Date.parse(certificate.notAfter) > Date.now());
});

test('an expired certificate is unready and still alive; a fresh one is ready again', async (t) => {
  const clock = { ahead: 0 };
  const server = await startTestServer(t, {
    world: { facts: NO_FACTS, clock: () => Date.now() + clock.ahead },
  });
  clock.ahead = 8 * DAY;
  const unready = await probe(server, '/readyz');
  assert.deepEqual([unready.status, Object(unready.json()['certificate']).ok], [503, false]);
  assert.equal((await probe(server, '/healthz')).status, 200);
  const fresh = createTestCertificate({ ca: server.ca, days: 30 });
  writeFileSync(server.keyFile, fresh.privateKey);
  writeFileSync(server.certFile, fresh.certificate);
  await eventually('readiness', async () => (await probe(server, '/readyz')).status === 200);
});

test('a broken new policy is detail, not unreadiness', async (t) => {
  const server = await startTestServer(t);
  writeFileSync(server.policyFile, 'broken');
  await eventually('the failed reload', async () => {
    const { status, json } = await probe(server, '/readyz');
    return status === 200 && Object(json()['policy']).lastReload === 'error';
  });
});

test('the probe listener has three pages, for reading only, and no webhooks', async (t) => {
  const server = await startTestServer(t);
  for (const path of ['/', '/validate', '/mutate', '/constructor', '/metrics/']) {
    assert.equal((await probe(server, path)).status, 404, path);
  }
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    assert.equal((await probe(server, path, 'HEAD')).status, 200, path);
    const refused = await probe(server, path, 'POST');
    assert.deepEqual([refused.status, refused.headers['allow']], [405, 'GET, HEAD'], path);
  }
  assert.equal((await probe(server, '/readyz?verbose')).status, 200);
});

test('the pages tell nothing of reviews', async (t) => {
  const server = await startTestServer(t);
  await post(server, JSON.stringify(reviewOf({ name: 'very-secret', namespace: 'very-secret' })));
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    assert.ok(!(await probe(server, path)).text.includes('secret'), path);
  }
});
