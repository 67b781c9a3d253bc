// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PodPullSecrets } from '../../src/admission/index.ts';
import { CountersignError } from '../../src/errors.ts';
import { createKubernetesClient, createPullSecrets, type PulledWith } from '../../src/kubernetes/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { startApiServer } from '../support/api-server/server.ts';
import { eventually } from '../support/eventually.ts';

const IMAGE = { registry: 'reg.example', repository: 'acme/app' };

function auth(username: string) {
  return { auth: Buffer.from(`${username}:s3cret`).toString('base64') };
}

function secretOf(name: string, auths: object, type = 'kubernetes.io/dockerconfigjson') {
  const text = JSON.stringify(type.endsWith('json') ? { auths } : auths);
  const member = type.endsWith('json') ? '.dockerconfigjson' : '.dockercfg';
  return { metadata: { name }, type, data: { [member]: Buffer.from(text).toString('base64') } };
}

function podWith(...secrets: readonly string[]): PodPullSecrets {
  return { namespace: 'shop', serviceAccount: 'default', secrets, leftOut: 0 };
}

const patient = { signal: AbortSignal.timeout(60_000) };

async function start(
  t: TestContext,
  options = { ofWorkloads: true, ofInstallation: [] as { namespace: string; name: string }[] },
) {
  const api = await startApiServer(t);
  const client = createKubernetesClient(api.access);
  t.after(() => client.close());
  const put = (object: { metadata: object }, resource = 'secrets', namespace = 'shop') =>
    api.store.put(`/api/v1/namespaces/${namespace}/${resource}`, object);
  const pullSecrets = createPullSecrets(client, options);
  const reads = () => api.asked.map(({ url }) => url.pathname.replace('/api/v1/namespaces/', ''));
  return { api, put, pullSecrets, reads };
}

function usersIn({ credentials }: PulledWith, repository = IMAGE): string[] {
  return credentials.find(repository).map((one) => (one.kind === 'password' ? one.username : one.kind));
}

test('the secrets of the Pod are read, in their order; what fits an image better comes first', async (t) => {
  const { put, pullSecrets, reads } = await start(t);
  put(secretOf('one', { 'reg.example': auth('one'), 'other.example': auth('other') }));
  put(
    secretOf(
      'two',
      { 'reg.example': auth('two'), 'reg.example/acme': auth('better') },
      'kubernetes.io/dockercfg',
    ),
  );
  const found = await pullSecrets.gather(podWith('one', 'two'), patient);
  assert.deepEqual(usersIn(found), ['better', 'one', 'two']);
  assert.deepEqual(usersIn(found, { registry: 'reg.example.evil', repository: 'acme/app' }), []);
  assert.equal(found.problem, undefined);
  assert.deepEqual(reads().sort(), ['shop/secrets/one', 'shop/secrets/two']);
});

test('a Pod that names none has those of its ServiceAccount', async (t) => {
  const { put, pullSecrets, reads } = await start(t);
  put(
    { metadata: { name: 'default' }, imagePullSecrets: [{ name: 'one' }, { name: '../x' }, 7] } as {
      metadata: object;
    },
    'serviceaccounts',
  );
  put(secretOf('one', { 'reg.example': auth('one') }));
  assert.deepEqual(usersIn(await pullSecrets.gather(podWith(), patient)), ['one']);
  assert.deepEqual(reads(), ['shop/serviceaccounts/default', 'shop/secrets/one']);
  assert.deepEqual(usersIn(await pullSecrets.gather({ ...podWith(), serviceAccount: 'none' }, patient)), []);
});

test('secrets of other types, missing ones and empty ones are passed over, as a kubelet does', async (t) => {
  const { put, pullSecrets } = await start(t);
  put(secretOf('opaque', { 'reg.example': auth('opaque') }, 'Opaque/json'));
  put({ metadata: { name: 'empty' }, type: 'kubernetes.io/dockerconfigjson' } as { metadata: object });
  put(secretOf('one', { 'reg.example': auth('one') }));
  const found = await pullSecrets.gather(podWith('opaque', 'missing', 'empty', 'one'), patient);
  assert.deepEqual([usersIn(found), found.problem], [['one'], undefined]);
});

test('a secret that is no docker config is said to be none, and not quoted; the others count', async (t) => {
  const { put, pullSecrets } = await start(t);
  for (const [name, text] of [
    ['broken', 's3cret'],
    ['deep', '['.repeat(100_000)],
  ] as const) {
    const data = { '.dockerconfigjson': Buffer.from(text).toString('base64') };
    put({ metadata: { name }, type: 'kubernetes.io/dockerconfigjson', data } as { metadata: object });
  }
  put(secretOf('half', { 'reg.example': auth('half'), '*.example': auth('glob') }));
  const found = await pullSecrets.gather(podWith('broken', 'deep', 'half'), patient);
  assert.deepEqual(usersIn(found), ['half']);
  assert.match(found.problem ?? '', /shop\/broken: .*not JSON.*shop\/deep: .*nested.*\*\.example/);
  assert.doesNotMatch(found.problem ?? '', /s3cret/);
});

test('a helper program that a secret names is not run, and not even known', async (t) => {
  const { put, pullSecrets } = await start(t);
  const text = JSON.stringify({ credsStore: 'evil', credHelpers: { 'reg.example': 'evil' } });
  const data = { '.dockerconfigjson': Buffer.from(text).toString('base64') };
  put({ metadata: { name: 'evil' }, type: 'kubernetes.io/dockerconfigjson', data } as { metadata: object });
  const { credentials } = await pullSecrets.gather(podWith('evil'), patient);
  assert.deepEqual(credentials.find(IMAGE), []);
});

test('what is remembered is given out at once, read again in the background, and keeps its id', async (t) => {
  const { put, pullSecrets, reads } = await start(t);
  put(secretOf('one', { 'reg.example': auth('one') }));
  const first = await pullSecrets.gather(podWith('one'), patient);
  const late = {
    get signal(): AbortSignal {
      return assert.fail('nobody waits');
    },
  };
  const again = pullSecrets.gather(podWith('one'), late);
  assert.ok(!(again instanceof Promise));
  assert.equal(again.credentials.find(IMAGE)[0]?.id, first.credentials.find(IMAGE)[0]?.id);
  assert.equal(reads().length, 1);

  let now = Math.ceil(performance.now());
  t.mock.method(performance, 'now', () => now);
  put(secretOf('one', { 'reg.example': auth('changed') }));
  now += LIMITS.pullSecretFreshMs;
  const stale = pullSecrets.gather(podWith('one'), late);
  assert.ok(!(stale instanceof Promise));
  assert.deepEqual(usersIn(stale), ['one']);
  await eventually('the change', async () => {
    return usersIn(await pullSecrets.gather(podWith('one'), late)).join() === 'changed';
  });
  assert.equal(reads().length, 2);
  now += LIMITS.pullSecretMs;
  assert.ok(pullSecrets.gather(podWith('one'), patient) instanceof Promise, 'too old to be believed');
});

test('what many want at once is read once; a secret that is made after a denial is found within seconds', async (t) => {
  const { put, pullSecrets, reads } = await start(t);
  const all = await Promise.all(
    Array.from({ length: 20 }, () => pullSecrets.gather(podWith('one'), patient)),
  );
  assert.ok(all.every((one) => usersIn(one).length === 0));
  assert.equal(reads().length, 1);
  const now = performance.now() + LIMITS.recheckMs;
  t.mock.method(performance, 'now', () => now);
  put(secretOf('one', { 'reg.example': auth('one') }));
  assert.deepEqual(usersIn(await pullSecrets.gather(podWith('one'), patient)), ['one']);
});

test('an API server that fails is said to, and asked again the next time; who has to go goes alone', async (t) => {
  const { api, put, pullSecrets } = await start(t);
  put(secretOf('one', { 'reg.example': auth('one') }));
  api.fault = () => ({ status: 500, text: '{"kind":"Status","reason":"Odd","message":"s3cret"}' });
  const refused = await pullSecrets.gather(podWith('one'), patient);
  assert.deepEqual(usersIn(refused), []);
  assert.match(refused.problem ?? '', /the pull secret shop\/one: .*500 Odd/);
  assert.match((await pullSecrets.gather(podWith(), patient)).problem ?? '', /ServiceAccount shop\/default/);
  api.fault = () => undefined;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  api.before = () => held;
  const gone = await pullSecrets.gather(podWith('one'), { signal: AbortSignal.timeout(50) });
  assert.match(gone.problem ?? '', /not read in time/);
  const waiting = pullSecrets.gather(podWith('one'), patient);
  release();
  assert.deepEqual(usersIn(await waiting), ['one']);
});

test('those of the installation come after the Pod’s, and are all there is where workloads’ are not read', async (t) => {
  const ofInstallation = [{ namespace: 'countersign', name: 'ours' }];
  const { put, pullSecrets } = await start(t, { ofWorkloads: true, ofInstallation });
  put(secretOf('one', { 'reg.example': auth('one') }));
  put(secretOf('ours', { 'reg.example/acme': auth('ours') }), 'secrets', 'countersign');
  assert.deepEqual(usersIn(await pullSecrets.gather(podWith('one'), patient)), ['one', 'ours']);
  assert.deepEqual(usersIn(await pullSecrets.gather(undefined, patient)), ['ours']);
  const off = await start(t, { ofWorkloads: false, ofInstallation });
  off.put(secretOf('ours', { 'reg.example': auth('ours') }), 'secrets', 'countersign');
  assert.deepEqual(usersIn(await off.pullSecrets.gather(podWith('one'), patient)), ['ours']);
  assert.deepEqual(off.reads(), ['countersign/secrets/ours']);
});

test('a Pod of more secrets than are read is told so', async (t) => {
  const { pullSecrets } = await start(t);
  const found = await pullSecrets.gather({ ...podWith('one'), leftOut: 3 }, patient);
  assert.match(found.problem ?? '', /3 pull secrets beyond/);
});

test('whoever is not let in waits for nothing, and asks nothing', async (t) => {
  const { pullSecrets, reads } = await start(t);
  const wait = () => Promise.reject(new CountersignError('OVERLOADED', 'too many wait'));
  const found = await pullSecrets.gather(podWith('one'), { ...patient, wait });
  assert.match(found.problem ?? '', /too many wait/);
  assert.deepEqual(reads(), []);
});

test('that we may not read a secret is believed for seconds: a namespace without rights does not cost each review a request', async (t) => {
  const { api, put, pullSecrets, reads } = await start(t);
  put(secretOf('one', { 'reg.example': auth('one') }));
  api.fault = () => ({ status: 403, text: '{"kind":"Status","reason":"Forbidden"}' });
  for (let round = 0; round < 3; round += 1) {
    const found = await pullSecrets.gather(podWith('one'), patient);
    assert.match(found.problem ?? '', /the pull secret shop\/one: .*403 Forbidden/);
  }
  assert.equal(reads().length, 1);
  api.fault = () => undefined;
  const now = performance.now() + LIMITS.recheckMs;
  t.mock.method(performance, 'now', () => now);
  assert.deepEqual(usersIn(await pullSecrets.gather(podWith('one'), patient)), ['one']);
});

test('a secret of very many entries, or a very large one, is refused before it costs anything, and the others count', async (t) => {
  const { put, pullSecrets } = await start(t);
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`${index}.`, 0]));
  put(secretOf('many', many));
  put(secretOf('large', { 'reg.example': auth('x'.repeat(LIMITS.pullSecretBytes)) }));
  put(secretOf('one', { 'reg.example': auth('one') }));
  const found = await pullSecrets.gather(podWith('many', 'large', 'one'), patient);
  assert.deepEqual(usersIn(found), ['one']);
  assert.match(found.problem ?? '', /shop\/many: .*20000 entries.*shop\/large: .*larger than/);
});

test('what the secrets of one Pod hold together is bounded: those past it are not used, and said', async (t) => {
  const { put, pullSecrets } = await start(t);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) put(secretOf(name, { 'reg.example': auth(name.repeat(150_000)) }));
  const found = await pullSecrets.gather(podWith(...names), patient);
  assert.deepEqual(
    usersIn(found).map((user) => user[0]),
    ['a', 'b'],
  );
  assert.match(found.problem ?? '', /shop\/c: .*more than/);
});

test('secrets are read a few at a time, and one namespace does not keep another waiting', async (t) => {
  const { api, put, pullSecrets, reads } = await start(t);
  put(secretOf('one', { 'reg.example': auth('one') }), 'secrets', 'other');
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  api.before = ({ url }) => (url.pathname.includes('/shop/') ? held : undefined);
  const flood = Array.from({ length: 4 }, (_, pod) =>
    pullSecrets.gather(podWith(...Array.from({ length: 16 }, (_, index) => `s${pod}-${index}`)), patient),
  );
  const other = { ...podWith('one'), namespace: 'other' };
  const found = await pullSecrets.gather(other, patient);
  assert.deepEqual(usersIn(found), ['one']);
  const flooded = reads().filter((path) => path.startsWith('shop/'));
  assert.ok(flooded.length <= LIMITS.pullSecretReads, `${flooded.length} at a time`);
  release();
  await Promise.all(flood);
  assert.equal(reads().length, 65);
});
