// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '../../src/kubernetes/connection.ts';
import { createKubernetesClient, loadInClusterAccess } from '../../src/kubernetes/index.ts';
import { type ApiServer, startApiServer } from '../support/api-server/server.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/mounted-volume.ts';

const NAMESPACES = '/api/v1/namespaces';
const { signal } = new AbortController();

/** A Pod's access to this API server, and where its authorities stand. */
function podOf(t: TestContext, api: ApiServer) {
  const folder = join(temporaryFolder(t), 'serviceaccount');
  mkdirSync(folder);
  const file = join(folder, 'ca.crt');
  for (const [name, text] of Object.entries({ token: 'x', 'ca.crt': api.ca, namespace: 'own' }))
    writeFileSync(join(folder, name), text);
  const { hostname, port } = api.access.server;
  const load = () =>
    loadInClusterAccess({ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }, folder);
  const access = load();
  assert.ok(access !== undefined);
  return { access, file, load };
}

test('another authority of the cluster is known without a restart, and a watch goes on', async (t) => {
  const api = await startApiServer(t);
  const { access, file } = podOf(t, api);
  const client = createKubernetesClient(access);
  t.after(() => client.close());
  const seen: (string | undefined)[] = [];
  const failures: string[] = [];
  client.watch(
    NAMESPACES,
    {
      listed: () => {},
      changed: ({ metadata }) => void seen.push(metadata.name),
      removed: () => {},
      failed: ({ code }) => void failures.push(code),
    },
    signal,
    { backoff: { firstMs: 10, longestMs: 20 } },
  );
  await eventually('a watch', () => api.watches() === 1);
  const next = api.changeAuthority();
  const unreachable = { code: 'KUBERNETES_UNREACHABLE' };
  api.dropConnections();
  await assert.rejects(client.get(`${NAMESPACES}/a`, signal), unreachable, 'the old file');
  writeFileSync(file, 'half of it');
  await assert.rejects(client.get(`${NAMESPACES}/a`, signal), unreachable, 'a broken file');
  writeFileSync(file, next);
  await eventually('the watch is back', () => api.watches() === 1);
  assert.equal(await client.get(`${NAMESPACES}/a`, signal), undefined);
  api.store.put(NAMESPACES, { metadata: { name: 'later' } });
  await eventually('its event', () => seen.includes('later'));
  assert.ok(failures.every((code) => code === 'KUBERNETES_UNREACHABLE'));
});

test('what is under way with the old authority may end, and is then let go: of a watch, no failure', async (t) => {
  const api = await startApiServer(t);
  const { access, file } = podOf(t, api);
  const connection = connect(access, 3_000);
  t.after(() => connection.close());
  const stream = await connection.stream(`${NAMESPACES}?watch=true`, signal);
  const ended = (async () => {
    for await (const _ of stream);
  })();
  let over = false;
  const how = assert.rejects(ended, { code: 'ERR_REPLACED' }).finally(() => {
    over = true;
  });
  writeFileSync(file, api.changeAuthority());
  const ask = () => connection.ask({ method: 'GET', path: NAMESPACES }, signal, 10_000);
  await assert.rejects(ask(), { code: 'KUBERNETES_UNREACHABLE' }, 'a new connection, and the old file');
  await ask();
  await wait(100);
  assert.equal(over, false);
  await how;
  await eventually('the old connections are closed', async () => (await api.connections()) <= 1);
});

test('a mount without authorities ends the start', async (t) => {
  const { file, load } = podOf(t, await startApiServer(t));
  writeFileSync(file, 'no PEM');
  assert.throws(load, { code: 'KUBECONFIG_INVALID', message: /ca\.crt: holds no certificate/ });
});
