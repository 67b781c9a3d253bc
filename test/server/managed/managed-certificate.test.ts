// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Certificate } from '../../../src/certificate/tls-state.ts';
import { type ManagedTls, manageCertificate } from '../../../src/server/managed/managed-certificate.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { recordingLog } from '../../support/admission-server.ts';
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts';
import { eventually } from '../../support/eventually.ts';
import {
  installChart,
  installWebhooks,
  isTrusted,
  managedTls,
  SECRETS,
  stateIn,
  textsIn,
  trustIn,
  WEBHOOKS,
  writeTexts,
} from '../../support/managed-tls.ts';

/** One replica, and every leaf that it has served, in order. */
function startReplica(t: TestContext, tls: ManagedTls, clock: () => number = Date.now) {
  const { log, lines } = recordingLog();
  const metrics = createMetrics();
  const served: string[] = [];
  const use = ({ fingerprint }: { fingerprint: string }) => void served.push(fingerprint);
  const source = manageCertificate(tls, { log, metrics, clock, use });
  t.after(() => source.close());
  return { served, lines, metrics, source };
}

const print = (one: Certificate | undefined) => one?.x509.fingerprint256;

/** Notes each moment at which something that is served is not trusted by a webhook. */
function watchTrust(api: ApiServer, replicas: readonly { served: readonly string[] }[]): string[] {
  const leaves = new Map<string, Certificate>();
  const broken: string[] = [];
  const look = (when: string) => {
    const { leaf } = stateIn(api);
    if (leaf) leaves.set(leaf.x509.fingerprint256, leaf);
    for (const { served } of replicas) {
      const inUse = leaves.get(served.at(-1) ?? '');
      if (inUse !== undefined && !isTrusted(api, inUse)) broken.push(`${when}: ${served.length}`);
    }
  };
  api.store.listeners.add(({ collection }) => look(collection));
  api.before = ({ method, url }) => look(`${method} ${url.pathname}`);
  return broken;
}

test('of two replicas before an empty Secret one makes the authority, and both serve one leaf', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  // Both have read the empty Secret before one of them may write.
  let readers = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  api.before = async ({ method, url }) => {
    if (method === 'GET' && url.pathname.endsWith('/tls')) readers += 1;
    if (readers === 2) resolve();
    if (method === 'PUT') await promise;
  };
  const replicas = [1, 2].map(() => startReplica(t, managedTls(t, api)));
  await eventually('both serve', () => replicas.every(({ served }) => served.length > 0));
  const { leaf, authorities, current } = stateIn(api);
  for (const { served } of replicas) assert.deepEqual(served, [print(leaf)]);
  assert.deepEqual([authorities.length, print(current)], [1, print(authorities[0])]);
  assert.ok(trustIn(api).length === 4);
  for (const bundle of trustIn(api)) assert.deepEqual(bundle.map(print), authorities.map(print));
  const written = replicas.flatMap(({ lines }) => lines.filter(({ message }) => /written/.test(message)));
  assert.equal(written.filter(({ object }) => object === 'Secret tls').length, 2, 'authority, then leaf');
});

test('nothing else in Secret and webhook configurations changes', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  writeTexts(api, { mine: 'kept' });
  const before = WEBHOOKS.map((collection) => api.store.get(collection, 'countersign'));
  const { served } = startReplica(t, managedTls(t, api));
  await eventually('a certificate', () => served.length === 1);
  const secret = api.store.get(SECRETS, 'tls');
  assert.equal(Object(secret?.['data'])['mine'], Buffer.from('kept').toString('base64'));
  assert.equal(secret?.['type'], 'kubernetes.io/tls');
  const bare = (value: unknown) =>
    JSON.parse(JSON.stringify(value, (key, one) => (/caBundle|resourceVersion/.test(key) ? undefined : one)));
  for (const [index, collection] of WEBHOOKS.entries())
    assert.deepEqual(bare(api.store.get(collection, 'countersign')), bare(before[index]));
});

test('through authorities and leaves, no replica ever serves what a webhook does not trust', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  const lifetimeMs = 3_600_000;
  const timing = { spreadMs: 20, pollMs: 20, pauseMs: 5, backoff: { firstMs: 10, longestMs: 20 } };
  let now = Date.now();
  const replicas = [1, 2].map(() => startReplica(t, managedTls(t, api, { lifetimeMs, timing }), () => now));
  const broken = watchTrust(api, replicas);
  await eventually('both serve', () => replicas.every(({ served }) => served.length > 0));
  const authorities = new Set<string | undefined>();
  let most = 0;
  for (let step = 0; step < 22; step += 1) {
    const { leaf } = stateIn(api);
    now += lifetimeMs * 0.7;
    await eventually('a new leaf', () => print(stateIn(api).leaf) !== print(leaf));
    await eventually('no authority to come', () => stateIn(api).next === undefined);
    await eventually('all serve it', () =>
      replicas.every(({ served }) => served.at(-1) === print(stateIn(api).leaf)),
    );
    authorities.add(print(stateIn(api).current));
    most = Math.max(most, stateIn(api).authorities.length);
  }
  assert.deepEqual(broken, []);
  assert.ok(authorities.size >= 3, `${authorities.size} authorities`);
  assert.equal(most, 2);
  for (const bundle of trustIn(api)) assert.deepEqual(bundle.map(print), stateIn(api).authorities.map(print));
});

test('a new authority signs nothing until API servers had time to hear of it', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  const timing = { spreadMs: 600, pollMs: 20, pauseMs: 5 };
  let now = Date.now();
  startReplica(t, managedTls(t, api, { timing }), () => now);
  await eventually('a leaf', () => stateIn(api).leaf !== undefined);
  // Noted as it is written: whoever looks now and then may see the one late and the other not.
  let heard: number | undefined;
  let signed: number | undefined;
  api.store.listeners.add(() => {
    if (trustIn(api).every((bundle) => bundle.length === 2)) heard ??= performance.now();
    const { next, authorities } = stateIn(api);
    if (next === undefined && authorities.length === 2) signed ??= performance.now();
  });
  now += 7 * 3_600_000;
  await eventually('its turn', () => signed !== undefined);
  assert.ok(heard !== undefined && signed !== undefined && signed - heard > 500);
});

test('webhook configurations are waited for, and kept: one that comes, one that is overwritten', async (t) => {
  const api = await startApiServer(t);
  const { served, lines } = startReplica(t, managedTls(t, api));
  await eventually('a certificate, in a Secret that was made', () => served.length === 1);
  await eventually('a word', () => lines.some(({ message }) => /waiting for webhook/.test(message)));
  for (const collection of WEBHOOKS) installWebhooks(api, collection);
  const all = () => trustIn(api).length === 4 && trustIn(api).every((bundle) => bundle.length === 1);
  await eventually('trust', all);
  installWebhooks(api, WEBHOOKS[0] ?? '');
  await eventually('trust again', all);
  assert.equal(served.length, 1);
});

for (const [what, texts] of [
  ['its key is broken', { 'ca.key': 'no key', 'tls.key': 'no key' }],
  ['it was emptied', { 'ca.crt': '', 'ca.key': '', 'tls.crt': '', 'tls.key': '' }],
  [
    'it is full of something else',
    { 'ca.crt': 'x'.repeat(100_000), 'ca.key': '-----BEGIN', 'tls.crt': '\0' },
  ],
] as const) {
  test(`a Secret is mended without a break: ${what}`, async (t) => {
    const api = await startApiServer(t);
    installChart(api);
    const replica = startReplica(t, managedTls(t, api));
    await eventually('a leaf', () => replica.served.length === 1);
    await eventually('quiet', () => api.watches() === 3);
    const broken = watchTrust(api, [replica]);
    writeTexts(api, texts);
    await eventually('another leaf', () => replica.served.length === 2);
    assert.deepEqual(broken, []);
    assert.equal(replica.served.at(-1), print(stateIn(api).leaf));
    assert.equal(stateIn(api).authorities.length, 2, 'the old authority is still trusted');
    assert.ok(!JSON.stringify(replica.lines).includes('PRIVATE'));
  });
}

test('an API server that fails leaves the certificate in use, is counted, and is tried again', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  const timing = { pollMs: 20, pauseMs: 5, backoff: { firstMs: 20, longestMs: 50 } };
  const { served, lines, metrics, source } = startReplica(t, managedTls(t, api, { timing }));
  await eventually('a leaf', () => served.length === 1);
  api.fault = () => ({ status: 500, text: 'SECRET' });
  await eventually('failures', () => lines.filter(({ level }) => level === 'error').length >= 2);
  assert.equal(source.current()?.fingerprint, served[0]);
  const text = await metrics.text();
  assert.match(text, /^countersign_kubernetes_failures_total\{code="KUBERNETES_ERROR"\} [1-9]/m);
  assert.match(text, /^countersign_certificate_reloads_total\{result="error"\} [1-9]/m);
  assert.ok(!JSON.stringify(lines).includes('SECRET'));
  api.fault = () => undefined;
  writeTexts(api, { 'tls.crt': '' });
  await eventually('another leaf', () => served.length === 2);
});

test('who may not write the webhook configurations makes no certificate, and serves that of others', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  api.fault = ({ method, url }) =>
    method === 'PATCH' && url.pathname.includes('webhook') ? { status: 403, text: '{}' } : undefined;
  const first = startReplica(t, managedTls(t, api));
  await eventually('the refusal', () => first.lines.some(({ code }) => code === 'KUBERNETES_FORBIDDEN'));
  await wait(100);
  assert.deepEqual([first.served, stateIn(api).leaf], [[], undefined]);
  const { fault } = api;
  api.fault = () => undefined;
  await eventually('a certificate', () => first.served.length === 1);
  api.fault = fault;
  installWebhooks(api, WEBHOOKS[1] ?? '');
  const second = startReplica(t, managedTls(t, api));
  await eventually('the same', () => second.served[0] === first.served[0]);
  assert.equal(textsIn(api)['next-ca.key'], '');
});

test('a replica whose clock is far ahead takes no valid certificate from the others', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  const tls = { lifetimeMs: 90 * 86_400_000 };
  const right = startReplica(t, managedTls(t, api, tls));
  await eventually('a leaf', () => right.served.length === 1);
  const ahead = startReplica(t, managedTls(t, api, tls), () => Date.now() + 70 * 86_400_000);
  await eventually('a leaf of its own', () => ahead.served.includes(print(stateIn(api).leaf) ?? ''));
  await eventually('a word', () => right.lines.some(({ message }) => /not valid yet/.test(message)));
  assert.equal(right.served.length, 1, 'API servers would refuse the new one');
});

const DAY = 86_400_000;

test('a replica whose clock is wrong makes certificates by that of the API server, and says so once', async (t) => {
  for (const wrongByMs of [70 * DAY, -70 * DAY, 4000 * DAY, -4000 * DAY]) {
    const api = await startApiServer(t);
    api.clock = Date.now;
    installChart(api);
    const tls = { lifetimeMs: 90 * DAY };
    const wrong = startReplica(t, managedTls(t, api, tls), () => Date.now() + wrongByMs);
    await eventually('a leaf', () => wrong.served.length === 1);
    const { leaf } = stateIn(api);
    assert.ok(Math.abs((leaf?.notAfter ?? 0) - Date.now() - 90 * DAY) < 60_000, `${wrongByMs}`);
    const right = startReplica(t, managedTls(t, api, tls));
    await eventually('the same leaf', () => right.served.length === 1);
    await quiet(api);
    assert.deepEqual([wrong.served, right.served], [[print(leaf)], [print(leaf)]]);
    const said = (lines: typeof wrong.lines) => lines.filter(({ level }) => level === 'error');
    const [line, ...others] = said(wrong.lines);
    assert.match(line?.message ?? '', /the clock of this node is not that of the API server/);
    assert.ok(Math.abs(Number(line?.['aheadSeconds']) - wrongByMs / 1000) <= 2);
    assert.deepEqual([others, said(right.lines)], [[], []]);
  }
});

test('a leaf that is not valid yet is replaced, so that a fresh replica serves; nobody takes turns', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  const tls = { lifetimeMs: 90 * DAY };
  // Without a Date of the API server each goes by its own clock.
  const first = startReplica(t, managedTls(t, api, tls), () => Date.now() + 70 * DAY);
  await eventually('a leaf of the future', () => first.served.length === 1);
  const second = startReplica(t, managedTls(t, api, tls));
  await eventually('a word', () => second.lines.some(({ message }) => /not valid yet/.test(message)));
  assert.deepEqual(second.served, []);
  api.clock = Date.now;
  const replicas = [second, startReplica(t, managedTls(t, api, tls))];
  await eventually('both serve', () => replicas.every(({ served }) => served.length > 0));
  await eventually('who was wrong too', () => first.served.at(-1) === print(stateIn(api).leaf));
  await quiet(api);
  for (const { served } of replicas) assert.equal(served.at(-1), print(stateIn(api).leaf));
});

test('replicas of two Services on one Secret do not fight: the second is not ready, and says why', async (t) => {
  const api = await startApiServer(t);
  installChart(api);
  const first = startReplica(t, managedTls(t, api));
  await eventually('a leaf', () => first.served.length === 1);
  const second = startReplica(t, managedTls(t, api, { service: 'other' }));
  await eventually('a word', () => second.lines.some(({ message }) => /another Service/.test(message)));
  await quiet(api);
  assert.deepEqual([first.served.length, second.served.length], [1, 0]);
  const [line, ...others] = second.lines.filter(({ level }) => level === 'error');
  assert.deepEqual(others, []);
  assert.ok(Object(line?.['names']).includes('web.own.svc'));
  assert.ok(Object(line?.['wanted']).includes('other.own.svc'));
  writeTexts(api, { 'tls.crt': '' });
  await eventually('one of them has it', () => first.served.length + second.served.length === 2);
  await quiet(api);
});

/** Waits until for a while nothing is written, as it never is where two do not agree. */
async function quiet(api: ApiServer): Promise<void> {
  await eventually('nothing to be written', async () => {
    const { version } = api.store;
    await wait(400);
    return api.store.version === version;
  });
}
