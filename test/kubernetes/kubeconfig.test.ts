// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  createKubernetesClient,
  type KubernetesAccess,
  loadInClusterAccess,
  loadKubeconfig,
} from '../../src/kubernetes/index.ts';
import { createTestCertificate } from '../../src/testing/index.ts';
import { startApiServer } from '../support/api-server/server.ts';
import { temporaryFolder } from '../support/mounted-volume.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A kubeconfig with this cluster and user, as JSON, which is YAML. */
function configOf(cluster: object, user: object | undefined, context: object = {}) {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [
      { name: 'other', context: { cluster: 'none' } },
      { name: 'here', context: { cluster: 'c', ...(user && { user: 'u' }), ...context } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443/prefix', ...cluster } }],
    users: user === undefined ? [] : [{ name: 'u', user }],
  });
}

test('a kubeconfig says where, as whom and in which namespace; files are beside it', (t) => {
  const folder = temporaryFolder(t);
  const load = (text: string) => {
    writeFileSync(join(folder, 'config'), text);
    return loadKubeconfig(join(folder, 'config'));
  };
  writeFileSync(join(folder, 'ca.pem'), 'CA');
  writeFileSync(join(folder, 'cert.pem'), 'CERT');
  writeFileSync(join(folder, 'key.pem'), 'KEY');
  writeFileSync(join(folder, 'token'), 'from-file\n');

  const files = load(
    configOf(
      { 'certificate-authority': 'ca.pem', 'tls-server-name': 'kubernetes' },
      { 'client-certificate': 'cert.pem', 'client-key': 'key.pem', tokenFile: 'token', token: 'text' },
      { namespace: 'shop' },
    ),
  );
  assert.equal(files.server.href, 'https://api.example:6443/prefix');
  assert.equal(files.token?.(false), 'from-file');
  assert.deepEqual(
    [files.ca?.(false), files.serverName, files.namespace, files.clientCertificate],
    ['CA', 'kubernetes', 'shop', { cert: 'CERT', key: 'KEY' }],
  );
  writeFileSync(join(folder, 'token'), 'renewed');
  assert.equal(files.token?.(false), 'from-file', 'a minute has not passed');
  assert.equal(files.token?.(true), 'renewed');
  writeFileSync(join(folder, 'token'), 'not a\ntoken');
  assert.equal(files.token?.(true), 'renewed', 'a broken one leaves the last in use');

  const data = load(
    configOf(
      { 'certificate-authority-data': base64('CA2'), 'certificate-authority': 'ca.pem' },
      { 'client-certificate-data': base64('C2'), 'client-key-data': base64('K2'), token: ' text ' },
    ),
  );
  assert.deepEqual([data.ca?.(false), data.clientCertificate], ['CA2', { cert: 'C2', key: 'K2' }]);
  assert.equal(data.token?.(true), 'text');
  assert.deepEqual(Object.keys(load(configOf({}, undefined))), ['server']);
});

for (const [what, text, code, problem] of [
  ['a helper program', configOf({}, { exec: { command: 'steal' } }), 'UNSUPPORTED', /exec/],
  ['an auth provider', configOf({}, { 'auth-provider': { name: 'gcp' } }), 'UNSUPPORTED', /auth-provider/],
  ['a password', configOf({}, { username: 'u', password: 'SECRET' }), 'UNSUPPORTED', /username/],
  ['impersonation', configOf({}, { token: 'SECRET', as: 'admin' }), 'UNSUPPORTED', /: as /],
  ['TLS unchecked', configOf({ 'insecure-skip-tls-verify': true }, {}), 'UNSUPPORTED', /insecure-skip/],
  ['a proxy', configOf({ 'proxy-url': 'http://p' }, {}), 'UNSUPPORTED', /proxy-url/],
  ['plain http', configOf({ server: 'http://api.example' }, {}), 'UNSUPPORTED', /https/],
  ['no URL', configOf({ server: 'SECRET SECRET' }, {}), 'INVALID', /no URL/],
  ['a password in the URL', configOf({ server: 'https://u:SECRET@x' }, {}), 'INVALID', /no URL/],
  ['a certificate without key', configOf({}, { 'client-certificate-data': 'x' }), 'INVALID', /both or none/],
  ['a token with a line end', configOf({}, { token: 'SECRET\r\nx: y' }), 'INVALID', /no bearer token/],
  ['another cluster', configOf({}, {}, { cluster: 'gone' }), 'INVALID', /clusters has no entry/],
  ['another user', configOf({}, {}, { user: 'gone' }), 'INVALID', /users has no entry/],
  ['no context', 'kind: Config', 'INVALID', /no current-context/],
  ['another kind', 'kind: Secret', 'INVALID', /no kubeconfig/],
  ['no YAML', 'token: "SECRET', 'INVALID', /not YAML/],
  ['aliases', 'kind: &a Config\nx: [*a, *a]', 'INVALID', /not YAML/],
] as const) {
  test(`refused: ${what}`, (t) => {
    const file = join(temporaryFolder(t), 'config');
    writeFileSync(file, text);
    assert.throws(
      () => loadKubeconfig(file),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, `KUBECONFIG_${code}`);
        assert.match(error.message, problem);
        assert.doesNotMatch(error.message, /SECRET/);
        return true;
      },
    );
  });
}

test('insecure-skip-tls-verify: false is what we do anyway', (t) => {
  const file = join(temporaryFolder(t), 'config');
  writeFileSync(file, configOf({ 'insecure-skip-tls-verify': false }, {}));
  assert.equal(loadKubeconfig(file).server.host, 'api.example:6443');
});

test('what is no certificate ends the start, without a word of the key', () => {
  const { certificate } = createTestCertificate();
  const access: KubernetesAccess = {
    server: new URL('https://x'),
    clientCertificate: { cert: certificate, key: 'SECRET' },
  };
  assert.throws(() => createKubernetesClient(access), {
    code: 'KUBECONFIG_INVALID',
    message: /cannot be used/,
  });
});

test('in a Pod the mounted ServiceAccount is the access, and its token is read again', async (t) => {
  const api = await startApiServer(t, { tokens: () => ['second'] });
  const folder = join(temporaryFolder(t), 'serviceaccount');
  const { hostname, port } = api.access.server;
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  assert.equal(loadInClusterAccess(env, folder), undefined, 'no mount');
  mkdirSync(folder);
  for (const [name, text] of [
    ['token', 'first'],
    ['ca.crt', api.ca],
    ['namespace', 'own\n'],
  ] as const)
    writeFileSync(join(folder, name), text);
  assert.equal(loadInClusterAccess({}, folder), undefined, 'no environment');
  const access = loadInClusterAccess(env, folder);
  assert.ok(access !== undefined);
  assert.equal(access.namespace, 'own');
  writeFileSync(join(folder, 'token'), 'second');
  const client = createKubernetesClient(access);
  t.after(() => client.close());
  assert.deepEqual((await client.list('/api/v1/namespaces', new AbortController().signal)).items, []);
  const ipv6 = loadInClusterAccess({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder);
  assert.equal(ipv6?.server.href, 'https://[fd00::1]/');
});
