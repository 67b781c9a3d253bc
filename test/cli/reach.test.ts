// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type AcmeStage, startAcme } from '../support/acme.ts';
import { type Folder, folderOf, runCommand } from '../support/command.ts';
import { connectProxy } from '../support/connect-proxy.ts';

const policyWith = (key: string) => `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: all }
signers: { release: { key: { file: ${key} } } }
rules: [{ name: all, images: ["**"], require: release }]
`;

describe('what the Config and the environment say of the way to a registry', () => {
  let stage: AcmeStage;
  let folder: Folder;
  /** The registry under a name that only a proxy finds. */
  let hidden: string;
  let image: string;
  before(async () => {
    stage = await startAcme();
    hidden = stage.registry.host.replace('127.0.0.1', 'registry.test');
    image = stage.images.web.reference.replace(stage.registry.host, hidden);
    const entry = (more = '') =>
      `apiVersion: countersign.dev/v1\nkind: Config\nregistries:\n  "${hidden}": { unsafePlainHttp: true${more} }\n`;
    folder = folderOf({
      'policy.yaml': policyWith(stage.folder.path('cosign.pub')),
      'config.yaml': entry(),
      'mirror.yaml': entry(`, mirror: "${stage.registry.host}"`),
      'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: "${image}" }] }\n`,
    });
  });
  beforeEach(() => stage.registry.clearRequests());
  after(async () => {
    folder.close();
    await stage.close();
  });
  const portOf = () => Number(hidden.split(':')[1]);
  const options = (config = 'config.yaml') => [
    ...['--policy', folder.path('policy.yaml'), '--config', folder.path(config), '--output', 'json'],
  ];

  test('verify and check go through the proxies of the environment, in either case', async (t) => {
    const proxy = await connectProxy(t, { to: { [hidden]: portOf() } });
    for (const [command, what] of [
      ['verify', image],
      ['check', folder.path('pod.yaml')],
    ] as const) {
      for (const name of ['HTTP_PROXY', 'http_proxy']) {
        const before = proxy.asked.length;
        const env = { [name]: `http://${proxy.host}` };
        const { exit, stderr } = await runCommand([command, ...options(), what], { env });
        assert.deepEqual([exit, stderr], [0, '']);
        assert.ok(proxy.asked.length > before);
        const exempt = { ...env, no_proxy: 'registry.test' };
        assert.equal((await runCommand([command, ...options(), what], { env: exempt })).exit, 3);
      }
    }
  });

  test('verify and check ask the mirror for all that is named by digest', async (t) => {
    const proxy = await connectProxy(t, { to: { [hidden]: portOf() } });
    const env = { HTTP_PROXY: proxy.host };
    for (const [command, what] of [
      ['verify', image],
      ['check', folder.path('pod.yaml')],
    ] as const) {
      stage.registry.clearRequests();
      assert.equal((await runCommand([command, ...options('mirror.yaml'), what], { env })).exit, 0);
      const { requests } = stage.registry;
      const isByDigest = (path: string) => /\/(?:blobs|manifests)\/sha256:/.test(path);
      assert.ok(requests.some(({ path, host }) => isByDigest(path) && host === stage.registry.host));
      for (const { path, host } of requests) {
        assert.equal(host, isByDigest(path) ? stage.registry.host : hidden, path);
      }
    }
  });

  test('a proxy that is none ends verify, check and serve with 2, and its password is not said', async () => {
    const env = { HTTPS_PROXY: 'socks5://bob:p4ss@proxy.test' };
    const tls = ['--tls-cert', folder.path('tls.crt'), '--tls-key', folder.path('tls.key')];
    const policy = ['--policy', folder.path('policy.yaml')];
    for (const args of [
      ['verify', ...options(), image],
      ['check', ...options(), folder.path('pod.yaml')],
      ['serve', ...policy, ...tls, '--listen', '127.0.0.1:0', '--probe-listen', '127.0.0.1:0'],
    ]) {
      const { exit, stderr } = await runCommand(args, { env });
      assert.equal(exit, 2);
      assert.match(stderr, /HTTPS_PROXY is not the URL of a proxy.*\[PROXY_INVALID\]\nhint: /);
      assert.ok(!stderr.includes('p4ss'));
    }
  });
});
