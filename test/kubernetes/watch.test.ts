// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
  apiPath,
  createKubernetesClient,
  onlyNamed,
  watchNamespaceLabels,
} from '../../src/kubernetes/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { startApiServer } from '../support/api-server/server.ts';
import { eventually } from '../support/eventually.ts';

const NAMESPACES = apiPath('api', 'v1', 'namespaces');
const QUICK = { backoff: { firstMs: 10, longestMs: 50 } };

async function watching(t: TestContext, timing = QUICK) {
  const api = await startApiServer(t);
  const client = createKubernetesClient(api.access);
  t.after(() => client.close());
  const told: string[] = [];
  const ending = new AbortController();
  const handler = {
    listed: (items: readonly { metadata: { name: string } }[]) =>
      void told.push(`listed ${items.map(({ metadata }) => metadata.name)}`),
    changed: ({ metadata }: { metadata: { name: string } }) => void told.push(`changed ${metadata.name}`),
    removed: ({ metadata }: { metadata: { name: string } }) => void told.push(`removed ${metadata.name}`),
    failed: ({ code }: { code: string }) => void told.push(`failed ${code}`),
  };
  api.store.put(NAMESPACES, { metadata: { name: 'a' } });
  const ended = client.watch(NAMESPACES, handler, ending.signal, timing);
  await eventually('the watch', () => api.watches() === 1);
  const saw = (line: string) => eventually(line, () => told.at(-1) === line);
  const put = (name: string) => api.store.put(NAMESPACES, { metadata: { name } });
  return { api, client, told, ending, ended, saw, put };
}

const listsIn = (told: readonly string[]) => told.filter((line) => line.startsWith('listed')).length;

test('the list first, then what changes', async (t) => {
  const { api, told, saw, put, ending, ended } = await watching(t);
  put('b');
  put('a');
  await saw('changed a');
  api.store.delete(NAMESPACES, 'b');
  await saw('removed b');
  assert.deepEqual(told, ['listed a', 'changed b', 'changed a', 'removed b']);
  ending.abort();
  await ended;
});

test('a watch that ends is resumed where it was: nothing is listed again, nothing lost or told twice', async (t) => {
  const { api, told, saw, put } = await watching(t);
  put('b');
  await saw('changed b');
  api.endWatches();
  put('c');
  await saw('changed c');
  assert.deepEqual(told, ['listed a', 'changed b', 'changed c']);
});

test('a bookmark is where it is resumed', async (t) => {
  const { api, put, saw } = await watching(t);
  api.store.put('/api/v1/nodes', { metadata: { name: 'elsewhere' } });
  const { version } = api.store;
  api.bookmark();
  await wait(50);
  api.store.oldest = version;
  api.endWatches();
  await eventually(
    'the next watch',
    () => api.asked.at(-1)?.url.searchParams.get('resourceVersion') === `${version}`,
  );
  put('b');
  await saw('changed b');
});

test('a version that the server has forgotten leads back to the list, by status and by event', async (t) => {
  const { api, told, saw } = await watching(t);
  api.store.version += 10;
  api.store.oldest = api.store.version;
  api.endWatches();
  await eventually('the second list', () => listsIn(told) === 2);
  await eventually('the watch', () => api.watches() === 1);
  const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'SECRET' } };
  api.endWatches(`${JSON.stringify(gone)}\n`);
  await eventually('the third list', () => listsIn(told) === 3);
  await saw('listed a');
});

test('a line that was cut off is left out, and comes again', async (t) => {
  const { api, told, saw, put } = await watching(t);
  const half = JSON.stringify({
    type: 'ADDED',
    object: { metadata: { name: 'half', resourceVersion: '99' } },
  });
  api.endWatches(half.slice(0, -5));
  put('b');
  await saw('changed b');
  assert.deepEqual(told, ['listed a', 'changed b']);
});

for (const [what, line, code] of [
  ['no JSON', 'SECRET', 'KUBERNETES_ERROR'],
  ['no event', '{"type":"OTHER","object":{}}', 'KUBERNETES_ERROR'],
  ['no object', '{"type":"ADDED","object":{"metadata":{}}}', 'KUBERNETES_ERROR'],
  ['an object without version', '{"type":"ADDED","object":{"metadata":{"name":"x"}}}', 'KUBERNETES_ERROR'],
  ['an error', '{"type":"ERROR","object":{"code":500}}', 'KUBERNETES_ERROR'],
  ['a refusal', '{"type":"ERROR","object":{"code":403}}', 'KUBERNETES_FORBIDDEN'],
  ['JSON too deep', `${'['.repeat(1000)}`, 'LIMIT_EXCEEDED'],
  ['a line too long', `"${'x'.repeat(LIMITS.kubernetesObjectBytes)}"`, 'LIMIT_EXCEEDED'],
] as const) {
  test(`${what} is told, and everything is listed again`, async (t) => {
    const { api, told } = await watching(t);
    api.endWatches(`${line}\n`);
    await eventually('the list', () => listsIn(told) === 2);
    assert.deepEqual(told, ['listed a', `failed ${code}`, 'listed a']);
  });
}

test('a server that goes away is asked again, and what happened meanwhile is told', async (t) => {
  const { api, told, saw, put } = await watching(t);
  api.fault = () => 'hang up';
  api.endWatches();
  await eventually('the failure', () => told.includes('failed KUBERNETES_UNREACHABLE'));
  put('b');
  api.fault = () => undefined;
  await saw('changed b');
  assert.equal(listsIn(told), 1);
});

test('a server that ends each watch at once is not asked without pause', async (t) => {
  // Pauses that double without end: in whatever time this takes there are few.
  const { api } = await watching(t, { backoff: { firstMs: 10, longestMs: 600_000 } });
  api.fault = ({ url }) => (url.searchParams.has('watch') ? { status: 200, text: '' } : undefined);
  api.endWatches();
  const before = api.asked.length;
  await wait(300);
  assert.ok(api.asked.length - before < 20, `${api.asked.length - before} watches`);
});

test('one named object is watched without a list', async (t) => {
  const api = await startApiServer(t);
  const client = createKubernetesClient(api.access);
  t.after(() => client.close());
  const put = (name: string) => api.store.put(NAMESPACES, { metadata: { name } });
  put('a');
  put('b');
  const told: string[] = [];
  const handler = {
    listed: () => void told.push('listed'),
    changed: ({ metadata }: { metadata: { name: string } }) => void told.push(metadata.name),
    removed: () => {},
  };
  const path = onlyNamed(NAMESPACES, 'b');
  client.watch(path, handler, new AbortController().signal, { ...QUICK, initial: 'events' });
  await eventually('what is there', () => told.length === 1);
  put('a');
  api.endWatches();
  put('b');
  await eventually('the change', () => told.length === 2);
  assert.deepEqual(told, ['b', 'b']);
});

test('closing the client ends the watch', async (t) => {
  const { api, client, ended } = await watching(t);
  await client.close();
  await ended;
  await eventually('no watch', () => api.watches() === 0);
});

test('the labels of namespaces are unknown until listed, then follow the cluster, and stay while it is gone', async (t) => {
  const api = await startApiServer(t);
  api.store.put(NAMESPACES, { metadata: { name: 'shop', labels: { tier: 'prod', odd: 1 } } });
  api.store.put(NAMESPACES, { metadata: { name: 'bare' } });
  const client = createKubernetesClient(api.access);
  t.after(() => client.close());
  const failures: string[] = [];
  const labels = watchNamespaceLabels(client, ({ code }) => failures.push(code));
  assert.equal(labels.of('shop'), undefined);
  await eventually('the list', () => labels.of('bare') !== undefined);
  assert.deepEqual(
    [labels.of('shop'), labels.of('bare'), labels.of('other')],
    [{ tier: 'prod' }, {}, undefined],
  );
  api.store.put(NAMESPACES, { metadata: { name: 'shop', labels: { tier: 'dev' } } });
  await eventually('the change', () => labels.of('shop')?.['tier'] === 'dev');
  api.store.delete(NAMESPACES, 'bare');
  await eventually('the end', () => labels.of('bare') === undefined);
  api.fault = () => ({ status: 403, text: '{}' });
  api.endWatches();
  await eventually('the failure', () => failures.includes('KUBERNETES_FORBIDDEN'));
  assert.deepEqual(labels.of('shop'), { tier: 'dev' });
  labels.close();
});

test('Namespaces with labels beyond measure are unknown themselves, and hide no other', async (t) => {
  const api = await startApiServer(t);
  const labelled = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${at}`, '']));
  const fat = LIMITS.reviewValues / 4;
  for (let at = 0; at < 5; at += 1)
    api.store.put(NAMESPACES, { metadata: { name: `fat-${at}`, labels: labelled(fat) } });
  api.store.put(NAMESPACES, { metadata: { name: 'shop', labels: { tier: 'prod' } } });
  const client = createKubernetesClient(api.access);
  t.after(() => client.close());
  const failures: string[] = [];
  const labels = watchNamespaceLabels(client, ({ code }) => failures.push(code));
  await eventually('the list', () => labels.of('shop') !== undefined || failures.length > 0);
  assert.deepEqual([failures, labels.of('shop'), labels.of('fat-0')], [[], { tier: 'prod' }, undefined]);
  await eventually('the watch', () => api.watches() === 1);
  api.store.put(NAMESPACES, { metadata: { name: 'shop', labels: labelled(LIMITS.namespaceLabels + 1) } });
  await eventually('the change', () => labels.of('shop') === undefined);
  api.store.put(NAMESPACES, { metadata: { name: 'shop', labels: labelled(LIMITS.namespaceLabels) } });
  await eventually('the way back', () => labels.of('shop') !== undefined);
});
