// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { apiPath, createKubernetesClient, onlyNamed } from '../../src/kubernetes/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { createTestCa } from '../../src/testing/index.ts';
import { type ApiServer, startApiServer } from '../support/api-server/server.ts';

const NAMESPACES = apiPath('api', 'v1', 'namespaces');
const SECRETS = apiPath('api', 'v1', 'namespaces', 'own', 'secrets');
const { signal } = new AbortController();

function clientOf(t: TestContext, { access }: Pick<ApiServer, 'access'>) {
  const client = createKubernetesClient(access);
  t.after(() => client.close());
  return client;
}

test('an object is made, read, replaced, patched and deleted', async (t) => {
  const client = clientOf(t, await startApiServer(t));
  const path = `${SECRETS}/a`;
  assert.equal(await client.get(path, signal), undefined);
  const made = await client.create(SECRETS, { metadata: { name: 'a' }, data: { one: '1' } }, signal);
  assert.deepEqual((await client.get(path, signal))?.['data'], { one: '1' });
  await client.update(path, { ...made, data: { two: '2' } }, signal);
  assert.deepEqual((await client.get(path, signal))?.['data'], { two: '2' });
  const merged = await client.patch(path, { data: { one: '3' } }, { type: 'merge' }, signal);
  assert.deepEqual(merged['data'], { one: '3', two: '2' });
  const json = [{ op: 'replace', path: '/data/one', value: '4' }];
  assert.deepEqual((await client.patch(path, json, { type: 'json' }, signal))['data'], {
    one: '4',
    two: '2',
  });
  await client.delete(path, signal);
  await client.delete(path, signal);
  assert.equal(await client.get(path, signal), undefined);
});

test('an apply names its manager, and makes what is not there', async (t) => {
  const api = await startApiServer(t);
  const client = clientOf(t, api);
  const options = { type: 'apply', fieldManager: 'counter sign', force: true } as const;
  await client.patch(`${SECRETS}/a`, { metadata: { name: 'a' }, data: {} }, options, signal);
  const { searchParams } = api.asked.at(-1)?.url ?? new URL('x:');
  assert.deepEqual([searchParams.get('fieldManager'), searchParams.get('force')], ['counter sign', 'true']);
});

test('whoever is late gets a conflict: an old version, a second object of a name, one that is gone', async (t) => {
  const client = clientOf(t, await startApiServer(t));
  const made = await client.create(SECRETS, { metadata: { name: 'a' } }, signal);
  await client.update(`${SECRETS}/a`, made, signal);
  const conflict = { code: 'KUBERNETES_CONFLICT' };
  await assert.rejects(client.update(`${SECRETS}/a`, made, signal), conflict);
  await assert.rejects(client.create(SECRETS, made, signal), conflict);
  await client.delete(`${SECRETS}/a`, signal);
  await assert.rejects(client.update(`${SECRETS}/a`, made, signal), conflict);
});

test('a list goes through all pages, and starts anew once where a page has expired', async (t) => {
  const api = await startApiServer(t);
  const client = clientOf(t, api);
  for (let count = 0; count < 250; count += 1) api.store.put(NAMESPACES, { metadata: { name: `n${count}` } });
  const { items, resourceVersion } = await client.list(NAMESPACES, signal);
  assert.equal(new Set(items.map(({ metadata }) => metadata.name)).size, 250);
  assert.equal(resourceVersion, String(api.store.version));
  assert.equal(api.asked.length, 3);

  let expired = 0;
  api.fault = ({ url }) => {
    if (!url.searchParams.has('continue') || expired > 0) return undefined;
    expired += 1;
    return { status: 410, text: '{}' };
  };
  assert.equal((await client.list(NAMESPACES, signal)).items.length, 250);
  api.fault = ({ url }) => (url.searchParams.has('continue') ? { status: 410, text: '{}' } : undefined);
  await assert.rejects(client.list(NAMESPACES, signal), { code: 'KUBERNETES_ERROR' });
  assert.equal((await client.list(onlyNamed(NAMESPACES, 'n7'), signal)).items.length, 1);
});

test('answers that are none have codes, and no message quotes them', async (t) => {
  const api = await startApiServer(t);
  const client = clientOf(t, api);
  const page = (more: object) => JSON.stringify({ metadata: { resourceVersion: '1' }, items: [], ...more });
  const rows = [
    [200, '<html>SECRET', 'KUBERNETES_ERROR'],
    [200, '[]', 'KUBERNETES_ERROR'],
    [200, '{}', 'KUBERNETES_ERROR'],
    [200, page({ items: 'SECRET' }), 'KUBERNETES_ERROR'],
    [200, page({ items: ['SECRET'] }), 'KUBERNETES_ERROR'],
    [200, page({ items: [{ metadata: { name: 1 } }] }), 'KUBERNETES_ERROR'],
    [200, page({ metadata: { resourceVersion: '1', continue: 'SECRET' } }), 'KUBERNETES_ERROR'],
    [200, '['.repeat(500), 'LIMIT_EXCEEDED'],
    [200, `["${'x'.repeat(LIMITS.kubernetesListBytes)}"]`, 'LIMIT_EXCEEDED'],
    [301, '', 'KUBERNETES_ERROR'],
    [401, '{"message":"SECRET"}', 'KUBERNETES_FORBIDDEN'],
    [403, '{"reason":"Forbidden","message":"SECRET"}', 'KUBERNETES_FORBIDDEN'],
    [500, '<html>SECRET', 'KUBERNETES_ERROR'],
    [429, '{"reason":"SECRET SECRET"}', 'KUBERNETES_ERROR'],
  ] as const;
  for (const [status, text, code] of rows) {
    api.fault = () => ({ status, text });
    const error = await client.list(NAMESPACES, signal).catch((reason) => reason);
    assert.equal(error.code, code, `${status} ${text.slice(0, 40)}`);
    assert.doesNotMatch(`${error.message} ${error.cause}`, /SECRET/);
  }
  api.fault = () => ({ status: 200, text: `["${'x'.repeat(LIMITS.kubernetesObjectBytes)}"]` });
  await assert.rejects(client.get(`${SECRETS}/a`, signal), { code: 'LIMIT_EXCEEDED' });
});

test('a connection that breaks is asked again once by what only reads, and then is unreachable', async (t) => {
  const api = await startApiServer(t);
  const client = clientOf(t, api);
  let left = 1;
  api.fault = () => (left-- > 0 ? 'hang up' : undefined);
  assert.equal(await client.get(`${SECRETS}/a`, signal), undefined);
  left = 1;
  const made = client.create(SECRETS, { metadata: { name: 'a' } }, signal);
  await assert.rejects(made, { code: 'KUBERNETES_UNREACHABLE' });
  api.fault = () => 'hang up';
  await assert.rejects(client.get(`${SECRETS}/a`, signal), { code: 'KUBERNETES_UNREACHABLE' });
  await api.close();
  await assert.rejects(client.get(`${SECRETS}/a`, signal), { code: 'KUBERNETES_UNREACHABLE' });
});

test('a server of another authority is not asked, and sees no token', async (t) => {
  const api = await startApiServer(t);
  const { certificate } = createTestCa();
  const access = { ...api.access, ca: () => certificate, token: () => 'secret-token' };
  const client = clientOf(t, { access });
  await assert.rejects(client.get(`${SECRETS}/a`, signal), { code: 'KUBERNETES_UNREACHABLE' });
  assert.equal(api.asked.length, 0);
});

test('a token that is refused is read again, once', async (t) => {
  const api = await startApiServer(t, { tokens: () => ['new'] });
  const reads: boolean[] = [];
  const token = (fresh: boolean) => {
    reads.push(fresh);
    return fresh ? 'new' : 'old';
  };
  const client = clientOf(t, { access: { ...api.access, token } });
  assert.equal(await client.get(`${SECRETS}/a`, signal), undefined);
  assert.deepEqual(reads, [false, true]);
  const stranger = clientOf(t, { access: { ...api.access, token: () => 'wrong' } });
  await assert.rejects(stranger.get(`${SECRETS}/a`, signal), { code: 'KUBERNETES_FORBIDDEN' });
});

test('a signal ends a request with its reason, closing the client ends all', async (t) => {
  const api = await startApiServer(t);
  const client = clientOf(t, api);
  api.before = () => new Promise(() => {});
  const ending = new AbortController();
  const underWay = assert.rejects(client.get(`${SECRETS}/a`, ending.signal), { code: 'CANCELLED' });
  const other = assert.rejects(client.list(SECRETS, signal), { code: 'CANCELLED' });
  ending.abort();
  await underWay;
  await client.close();
  await other;
});

test('no name leaves its segment of the path', async (t) => {
  const api = await startApiServer(t);
  const client = clientOf(t, api);
  for (const name of ['../x', 'a/../../b', 'x?watch=true', 'x#y', '%2e%2e', 'a b\r\nHost: c', 'ä'])
    assert.equal(
      await client.get(apiPath('api', 'v1', 'namespaces', name, 'secrets', name), signal),
      undefined,
    );
  for (const { url } of api.asked) {
    assert.match(url.pathname, /^\/api\/v1\/namespaces\/[^/]+\/secrets\/[^/]+$/);
    assert.equal(url.search, '');
  }
  for (const name of ['', '.', '..', '\ud800'])
    assert.throws(() => apiPath('api', 'v1', 'namespaces', name), { code: 'KUBERNETES_ERROR' });
});
