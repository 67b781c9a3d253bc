// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../src/report/index.ts';
import { pushImageTo } from '../../src/testing/index.ts';
import {
  dockerConfigFolder,
  type RealRegistry,
  startBasicAuthRegistry,
  startDockerRegistry,
  USER,
} from './registries.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';
import { cosign, countersign, skipWithout } from './tools.ts';

const LEGACY = ['--tlog-upload=false', '--use-signing-config=false', '--new-bundle-format=false'];
const BASIC = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString('base64')}`;

describe('docker-registry with htpasswd', { skip: skipWithout('cosign', 'docker-registry') }, () => {
  let registry: RealRegistry;
  let folder: string;
  let credentials: string;
  let image: Awaited<ReturnType<typeof pushImageTo>>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-auth-'));
    registry = await startBasicAuthRegistry();
    credentials = dockerConfigFolder(registry.host);
    image = await pushImageTo(registry.host, 'private/app', { tag: '1', authorization: BASIC });
    await cosign(folder, ['generate-key-pair']);
    await cosign(folder, ['sign', '-y', '--key', 'cosign.key', ...LEGACY, image.pinned], {
      DOCKER_CONFIG: credentials,
    });
  });
  after(async () => {
    await registry?.stop();
    for (const each of [folder, credentials]) rmSync(each, { recursive: true, force: true });
  });

  const verify = (dockerConfig?: string) =>
    countersign(
      ['verify', image.reference, '--key', join(folder, 'cosign.pub'), '--output', 'json'],
      dockerConfig === undefined ? {} : { DOCKER_CONFIG: dockerConfig },
    );

  test('verifies with the credential of docker login', async () => {
    const { exitCode, stdout, stderr } = await verify(credentials);
    assert.equal(exitCode, 0, stdout + stderr);
  });

  for (const [name, configFolder] of [
    ['without a credential', () => undefined],
    [
      'with a wrong password',
      () => dockerConfigFolder(registry.host, { name: USER.name, password: 'wrong' }),
    ],
    ['with a credential of a look-alike host', () => dockerConfigFolder(`${registry.host}.evil.example`)],
  ] as const) {
    test(`is inconclusive ${name}`, async () => {
      const { exitCode, stdout } = await verify(configFolder());
      assert.equal(exitCode, 3, stdout);
      assert.equal((JSON.parse(stdout) as Report).images[0]?.code, 'REGISTRY_UNAUTHORIZED');
    });
  }
});

describe('docker-registry with a token server', { skip: skipWithout('cosign', 'docker-registry') }, () => {
  let tokens: TokenServer;
  let registry: RealRegistry;
  let folder: string;
  let credentials: string;
  let config: string;
  let image: Awaited<ReturnType<typeof pushImageTo>>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-token-'));
    tokens = await startTokenServer(USER);
    const bundle = join(folder, 'tokens.pem');
    writeFileSync(bundle, tokens.certificate);
    registry = await startDockerRegistry(
      `auth: { token: { realm: "${tokens.realm}", service: interop, issuer: ${tokens.issuer}, rootcertbundle: ${bundle} } }`,
    );
    credentials = dockerConfigFolder(registry.host);
    config = join(folder, 'config.yaml');
    const tokenHost = new URL(tokens.realm).host;
    writeFileSync(
      config,
      `apiVersion: countersign.dev/v1
kind: Config
registries:
  "${registry.host}": { unsafePlainHttp: true, tokenServer: "${tokenHost}" }
  "${tokenHost}": { unsafePlainHttp: true }
`,
    );
    image = await pushImageTo(registry.host, 'team/app', { tag: '1', authorization: await pushToken() });
    await cosign(folder, ['generate-key-pair']);
    await cosign(folder, ['sign', '-y', '--key', 'cosign.key', ...LEGACY, image.pinned], {
      DOCKER_CONFIG: credentials,
    });
  });
  after(async () => {
    await registry?.stop();
    await tokens?.close();
    for (const each of [folder, credentials]) rmSync(each, { recursive: true, force: true });
  });

  async function pushToken(): Promise<string> {
    const url = `${tokens.realm}?service=interop&scope=${encodeURIComponent('repository:team/app:pull,push')}`;
    const answer = await fetch(url, { headers: { authorization: BASIC } });
    return `Bearer ${((await answer.json()) as { token: string }).token}`;
  }

  test('verifies with an anonymous pull token', async () => {
    const { exitCode, stdout, stderr } = await countersign([
      'verify',
      image.reference,
      '--key',
      join(folder, 'cosign.pub'),
      '--config',
      config,
    ]);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.equal(tokens.scopes.at(-1), 'repository:team/app:pull');
  });

  test('verifies with the credential of docker login', async () => {
    const { exitCode, stdout, stderr } = await countersign(
      ['verify', image.reference, '--key', join(folder, 'cosign.pub'), '--config', config],
      { DOCKER_CONFIG: credentials },
    );
    assert.equal(exitCode, 0, stdout + stderr);
  });
});
