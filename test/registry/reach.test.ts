// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReach } from '../../src/registry/reach.ts';
import { configOf } from './world.ts';

const nothing = createReach(configOf({}), false);

test('https unless the Config allows plain HTTP, or the command line asks a literal loopback host', () => {
  const config = configOf({
    'plain.example': { unsafePlainHttp: true },
    'plain.example:8080': { unsafePlainHttp: true },
    '127.0.0.1:6000': { tokenServer: 'auth.example' },
  });
  const server = createReach(config, false);
  const cli = createReach(config, true);
  for (const [registry, onServer, onCli] of [
    ['docker.io', 'https://registry-1.docker.io/', 'https://registry-1.docker.io/'],
    ['reg.example', 'https://reg.example/', 'https://reg.example/'],
    ['reg.example:5000', 'https://reg.example:5000/', 'https://reg.example:5000/'],
    ['plain.example', 'http://plain.example/', 'http://plain.example/'],
    ['plain.example:8080', 'http://plain.example:8080/', 'http://plain.example:8080/'],
    ['plain.example:8081', 'https://plain.example:8081/', 'https://plain.example:8081/'],
    ['localhost', 'https://localhost/', 'http://localhost/'],
    ['localhost:5000', 'https://localhost:5000/', 'http://localhost:5000/'],
    ['127.0.0.1:5000', 'https://127.0.0.1:5000/', 'http://127.0.0.1:5000/'],
    ['[::1]:5000', 'https://[::1]:5000/', 'http://[::1]:5000/'],
    ['127.0.0.1:6000', 'https://127.0.0.1:6000/', 'https://127.0.0.1:6000/'],
    ['localhost.example', 'https://localhost.example/', 'https://localhost.example/'],
    ['127.0.0.1.example', 'https://127.0.0.1.example/', 'https://127.0.0.1.example/'],
  ] as const) {
    assert.equal(server.apiUrl(registry).href, onServer);
    assert.equal(cli.apiUrl(registry).href, onCli);
  }
});

test('which token servers may hold a credential', () => {
  const reach = createReach(
    configOf({
      'registry.corp.example': { tokenServer: 'auth.corp.example' },
      'registry.corp.example:5000': { tokenServer: 'auth.corp.example:8443' },
    }),
    false,
  );
  for (const [realm, registry, may] of [
    ['https://reg.example/token', 'reg.example', true],
    ['https://reg.example:8443/token', 'reg.example:5000', true],
    ['https://auth.reg.example/token', 'reg.example', false],
    ['https://reg.example.evil.example/token', 'reg.example', false],
    ['https://evil.example/reg.example', 'reg.example', false],
    ['https://auth.docker.io/token', 'docker.io', true],
    ['https://auth.docker.io:8443/token', 'docker.io', false],
    ['http://auth.docker.io/token', 'docker.io', false],
    ['https://registry-1.docker.io/token', 'docker.io', true],
    ['https://auth.docker.io.evil.example/token', 'docker.io', false],
    ['https://evil-auth.docker.io/token', 'docker.io', false],
    ['https://auth.docker.io/token', 'reg.example', false],
    ['https://gitlab.com/jwt/auth', 'registry.gitlab.com', true],
    ['https://gitlab.com.evil.example/jwt/auth', 'registry.gitlab.com', false],
    ['https://gitlab.com/jwt/auth', 'registry.gitlab.com.evil.example', false],
    ['https://gitlab.com/jwt/auth', 'registry.gitlab.com:5000', false],
    ['https://auth.corp.example/token', 'registry.corp.example', true],
    ['https://auth.corp.example:8443/token', 'registry.corp.example', false],
    ['https://auth.corp.example:8443/token', 'registry.corp.example:5000', true],
    ['https://auth.corp.example/token', 'registry.corp.example:5000', false],
    ['https://auth.corp.example/token', 'other.corp.example', false],
  ] as const) {
    assert.equal(reach.mayHoldCredential(new URL(realm), registry), may, `${realm} for ${registry}`);
  }
});

test('forbidden addresses are permitted for hosts that the Config names, at that port', () => {
  const reach = createReach(
    configOf({
      'mirror.example': { tokenServer: 'auth.example:8443' },
      '127.0.0.1:5000': { unsafePlainHttp: true },
    }),
    false,
  );
  for (const [hostname, port, may] of [
    ['mirror.example', 443, true],
    ['mirror.example', 5000, false],
    ['auth.example', 8443, true],
    ['auth.example', 443, false],
    ['127.0.0.1', 5000, true],
    ['127.0.0.1', 5001, false],
    ['other.example', 443, false],
  ] as const) {
    assert.equal(reach.permits({ hostname, port }, '127.0.0.1'), may, `${hostname}:${port}`);
    assert.equal(reach.permits({ hostname, port }, '203.0.113.7'), true);
  }
});

test('on the command line loopback is permitted by its literal names only, and nothing else forbidden is', () => {
  const cli = createReach(configOf({}), true);
  for (const hostname of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) {
    assert.equal(cli.permits({ hostname, port: 5000 }, '127.0.0.1'), true, hostname);
    assert.equal(cli.permits({ hostname, port: 5000 }, '::1'), true, hostname);
    assert.equal(cli.permits({ hostname, port: 5000 }, '169.254.169.254'), false, hostname);
    assert.equal(nothing.permits({ hostname, port: 5000 }, '127.0.0.1'), false, hostname);
  }
  for (const hostname of ['rebind.example', 'localhost.', 'x.localhost', '0.0.0.0', '::ffff:127.0.0.1']) {
    assert.equal(cli.permits({ hostname, port: 5000 }, '127.0.0.1'), false, hostname);
  }
});

test('on the command line only a registry that is on loopback leads there', () => {
  const cli = createReach(configOf({}), true);
  cli.checkUrl(new URL('http://127.0.0.1:6000/x'), '127.0.0.1:5000');
  cli.checkUrl(new URL('http://localhost:6000/x'), 'localhost:5000');
  for (const [url, registry] of [
    ['https://127.0.0.1:5000/x', 'reg.example'],
    ['https://localhost:5000/x', 'reg.example'],
    ['https://localhost:5000/x', '127.0.0.1:5000'],
    ['https://127.0.0.2:5000/x', '127.0.0.1:5000'],
    ['https://[::1]:5000/x', 'localhost:5000'],
  ] as const) {
    assert.throws(() => cli.checkUrl(new URL(url), registry), { code: 'ADDRESS_FORBIDDEN' }, url);
  }
  assert.throws(() => cli.checkUrl(new URL('http://127.0.0.1:5000/x'), 'reg.example'), {
    code: 'PLAIN_HTTP_FORBIDDEN',
  });
});

test('the CA of a registry is for its host and its token server', () => {
  const reach = createReach(
    configOf({
      'reg.example': { ca: 'A', tokenServer: 'auth.example' },
      'b.example': { ca: 'B', tokenServer: 'auth.example' },
    }),
    false,
  );
  assert.deepEqual(reach.extraCa({ hostname: 'reg.example', port: 443 }), ['A']);
  assert.deepEqual(reach.extraCa({ hostname: 'auth.example', port: 443 }), ['A', 'B']);
  assert.deepEqual(reach.extraCa({ hostname: 'reg.example', port: 5000 }), []);
  assert.deepEqual(reach.extraCa({ hostname: 'evil.example', port: 443 }), []);
});

test('a client certificate is for its host alone, at that port, and not for its token server', () => {
  const clientCertificate = { certificate: 'A', privateKey: 'B' };
  const reach = createReach(
    configOf({
      'reg.example': { clientCertificate, tokenServer: 'auth.example' },
      'docker.io': { clientCertificate },
    }),
    false,
  );
  for (const [hostname, port, shown] of [
    ['reg.example', 443, true],
    ['reg.example', 5000, false],
    ['auth.example', 443, false],
    ['evil.example', 443, false],
    ['registry-1.docker.io', 443, true],
    ['auth.docker.io', 443, false],
  ] as const) {
    assert.equal(reach.clientCertificate({ hostname, port }) !== undefined, shown, `${hostname}:${port}`);
  }
});
