// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { mutate, validate } from '../../src/evaluate.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import type { Engine } from '../../src/server/review-doors.ts';
import { type ServerOptions, startServer } from '../../src/server/serve.ts';
import {
  EXEMPT_ALL,
  NO_FACTS,
  post,
  probe,
  recordingLog,
  reviewOf,
  startTestServer,
  stubEngine,
  writeServerFiles,
} from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { openTls } from '../support/raw-http.ts';

const BODY = JSON.stringify(reviewOf());

function optionsFor(t: TestContext, changes: Partial<ServerOptions> = {}): ServerOptions {
  const files = writeServerFiles(t);
  return {
    listen: '127.0.0.1:0',
    probeListen: '127.0.0.1:0',
    tls: files,
    policies: [files.policyFile],
    engine: stubEngine(),
    world: { facts: NO_FACTS, clock: Date.now },
    metrics: createMetrics(),
    log: recordingLog().log,
    ...changes,
  };
}

/** An engine whose answers wait until the test lets them go. */
function heldEngine(): { engine: Engine; begun: () => number; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  const engine = stubEngine({
    async validate(body, deps, call) {
      begun += 1;
      await promise;
      return stubEngine().validate(body, deps, call);
    },
  });
  return { engine, begun: () => begun, release: () => resolve() };
}

test('the engine itself answers: exempt by the policy, denied without a rule', async (t) => {
  const server = await startTestServer(t, { engine: { validate, mutate } });
  assert.equal((await post(server, BODY)).json().response?.allowed, true);
  writeFileSync(server.policyFile, EXEMPT_ALL.replace('"**"', '"other.example/**"'));
  await eventually(
    'the new policy',
    async () => (await post(server, BODY)).json().response?.allowed === false,
  );
});

test('a port that is taken ends the start, and leaves nothing behind', async (t) => {
  const taken = createServer();
  t.after(() => taken.close());
  const address = await new Promise<string>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${Object(taken.address()).port}`));
  });
  await assert.rejects(startServer(optionsFor(t, { listen: address })), { code: 'LISTEN_FAILED' });
  await assert.rejects(startServer(optionsFor(t, { probeListen: address })), { code: 'LISTEN_FAILED' });
  await assert.rejects(startServer(optionsFor(t, { listen: 'nowhere' })), { code: 'USAGE' });
});

test('what is broken at the start ends the start', async (t) => {
  const { log } = recordingLog();
  const files = writeServerFiles(t);
  const broken = join(files.folder, 'broken');
  writeFileSync(broken, 'kind: Nothing');
  const absent = join(files.folder, 'absent');
  const rows: readonly [Partial<ServerOptions>, string][] = [
    [{ policies: [broken] }, 'POLICY_INVALID'],
    [{ policies: [absent] }, 'FILE_UNREADABLE'],
    [{ policies: [] }, 'USAGE'],
    [{ tls: { certFile: absent, keyFile: files.keyFile } }, 'FILE_UNREADABLE'],
    [{ tls: { certFile: broken, keyFile: files.keyFile } }, 'LISTEN_FAILED'],
    [{ tls: { certFile: files.certFile, keyFile: broken } }, 'LISTEN_FAILED'],
    [{ tls: { ...files, keyFile: writeServerFiles(t).keyFile } }, 'LISTEN_FAILED'],
  ];
  for (const [changes, code] of rows) {
    await assert.rejects(startServer(optionsFor(t, { ...changes, log })), { code });
  }
});

test('TLS below 1.2 is refused, 1.2 and 1.3 are spoken', async (t) => {
  const server = await startTestServer(t);
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  await assert.rejects(openTls(server, old), /alert protocol version|unsupported protocol/i);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await openTls(server, { minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
});

test('a closing server is unready at once, answers what is under way, and then is gone', async (t) => {
  const { engine, begun, release } = heldEngine();
  const server = await startTestServer(t, { engine, timing: { finishMs: 60_000 } });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const underWay = post(server, BODY, { agent });
  await eventually('the request to begin', () => begun() === 1);
  const closed = server.close();
  assert.equal(server.close(), closed);
  const ready = await probe(server, '/readyz');
  assert.deepEqual([ready.status, ready.json()['draining']], [503, true]);
  assert.equal((await probe(server, '/healthz')).status, 200);
  await assert.rejects(post(server, BODY), { code: 'ECONNREFUSED' });
  release();
  const answer = await underWay;
  assert.deepEqual([answer.status, answer.headers['connection']], [200, 'close']);
  await closed;
  await assert.rejects(probe(server, '/healthz'), { code: 'ECONNREFUSED' });
});

test('for the time of draining new connections are still answered, and closed after', async (t) => {
  const server = await startTestServer(t, { timing: { drainMs: 3_000 } });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const closed = server.close();
  const answer = await post(server, BODY, { agent });
  assert.deepEqual([answer.status, answer.headers['connection']], [200, 'close']);
  assert.equal((await probe(server, '/readyz')).status, 503);
  await closed;
});

test('an idle connection does not hold a closing server', async (t) => {
  const server = await startTestServer(t, { timing: { finishMs: 90_000 } });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await post(server, BODY, { agent });
  const start = performance.now();
  await server.close();
  assert.ok(performance.now() - start < 60_000, 'not until the bound for answers');
});

test('an answer that takes too long is cut off: closing is bounded', async (t) => {
  const { engine, begun } = heldEngine();
  const server = await startTestServer(t, { engine, timing: { finishMs: 200 } });
  const underWay = assert.rejects(post(server, BODY), { code: 'ECONNRESET' });
  await eventually('the request to begin', () => begun() === 1);
  await server.close();
  await underWay;
});

test('a closed server watches nothing any more', async (t) => {
  const server = await startTestServer(t);
  await server.close();
  const said = server.lines.length;
  writeFileSync(server.policyFile, 'broken');
  await wait(200);
  assert.equal(server.lines.length, said);
});
