// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { type Credential, parseDockerConfig } from '../../src/registry/index.ts';

function auth(username: string, password = 's3cret') {
  return { auth: Buffer.from(`${username}:${password}`).toString('base64') };
}

function parse(auths: unknown, more: object = {}) {
  return parseDockerConfig(JSON.stringify({ auths, ...more }), 'config.json');
}

/** Who would ask for the image: the user name. */
function userFor(auths: unknown, registry: string, repository = 'acme/app'): string | undefined {
  const [credential]: readonly Credential[] = parse(auths).find({ registry, repository });
  return credential?.kind === 'password' ? credential.username : credential?.kind;
}

test('keys: host, host with port, and the URL forms that docker login writes', () => {
  for (const [key, registry] of [
    ['reg.example', 'reg.example'],
    ['REG.example', 'reg.example'],
    ['reg.example:5000', 'reg.example:5000'],
    ['reg.example:443', 'reg.example'],
    ['https://reg.example', 'reg.example'],
    ['https://reg.example/', 'reg.example'],
    ['https://reg.example/v1/', 'reg.example'],
    ['https://reg.example/v2/', 'reg.example'],
    ['https://reg.example/v2', 'reg.example'],
    ['http://reg.example:5000/v1/', 'reg.example:5000'],
    ['localhost:5000', 'localhost:5000'],
    ['[::1]:5000', '[::1]:5000'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['index.docker.io', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
  ] as const) {
    assert.equal(userFor({ [key]: auth('bob') }, registry), 'bob', key);
  }
});

test('of the names of Docker Hub the one that docker login writes wins', () => {
  const hub = auth('hub');
  for (const other of ['docker.io', 'registry-1.docker.io']) {
    assert.equal(userFor({ [other]: auth('other'), 'https://index.docker.io/v1/': hub }, 'docker.io'), 'hub');
    assert.equal(userFor({ 'https://index.docker.io/v1/': hub, [other]: auth('other') }, 'docker.io'), 'hub');
  }
});

test('the longest prefix by segment wins', () => {
  const auths = {
    'reg.example': auth('host'),
    'reg.example/corp': auth('corp'),
    'reg.example/corp/team/': auth('team'),
    'https://reg.example/corp/team/app': auth('app'),
    'reg.example/v2': auth('path'),
  };
  for (const [repository, user] of [
    ['other/app', 'host'],
    ['corp', 'corp'],
    ['corp/app', 'corp'],
    ['corp/team', 'team'],
    ['corp/team/x', 'team'],
    ['corp/team/app', 'app'],
    ['corp/team/app/x', 'app'],
    ['corp/team/app-evil', 'team'],
    ['corp/team-evil/app', 'corp'],
    ['corp-evil/app', 'host'],
    ['corpse', 'host'],
  ] as const) {
    assert.equal(userFor(auths, 'reg.example', repository), user, repository);
  }
});

test('a credential is for its own host: look-alikes get none', () => {
  const auths = {
    'reg.io/corp': auth('corp'),
    'reg.io:5000': auth('port'),
    'https://index.docker.io/v1/': auth('hub'),
  };
  for (const [registry, repository] of [
    ['reg.io', 'corp-evil/app'],
    ['reg.io', 'corpse'],
    ['reg.io', 'evil/corp'],
    ['reg.io.evil.example', 'corp/app'],
    ['evil-reg.io', 'corp/app'],
    ['evil.example', 'reg.io/corp'],
    ['reg.io:5001', 'corp/app'],
    ['docker.io.evil.example', 'library/nginx'],
    ['index-docker.io', 'library/nginx'],
  ] as const) {
    assert.equal(userFor(auths, registry, repository), undefined, `${registry}/${repository}`);
  }
});

test('entries: auth, user name and password, identity token', () => {
  for (const [entry, expected] of [
    [auth('bob', 'a:b:c'), { kind: 'password', username: 'bob', password: 'a:b:c' }],
    [auth('bob', 'pässwörd'), { kind: 'password', username: 'bob', password: 'pässwörd' }],
    [auth('bob', 's\0\0'), { kind: 'password', username: 'bob', password: 's' }],
    [
      { username: 'bob', password: 'x' },
      { kind: 'password', username: 'bob', password: 'x' },
    ],
    [
      { ...auth('bob', 'x'), username: 'eve', password: 'y' },
      { kind: 'password', username: 'bob', password: 'x' },
    ],
    [
      { ...auth('00000000-0000', ''), identitytoken: 't' },
      { kind: 'identity', token: 't' },
    ],
  ] as const) {
    const [credential] = parse({ 'reg.example': entry }).find({ registry: 'reg.example', repository: 'a' });
    assert.ok(credential);
    const { id, ...rest } = credential;
    assert.deepEqual(rest, expected);
    assert.ok(id.length > 20);
  }
});

test('no auths, and the empty entries that docker leaves beside a store, are no credentials', () => {
  for (const auths of [undefined, null, {}, { 'reg.example': {} }]) {
    const credentials = parse(auths);
    assert.deepEqual(credentials.find({ registry: 'reg.example', repository: 'a' }), []);
    assert.deepEqual(credentials.warnings, []);
  }
});

test('helper programs are named by host, canonically, and by what is left', () => {
  const credHelpers = { 'https://index.docker.io/v1/': 'hub', 'GCR.example:443': 'gcloud', 'no host': 'x' };
  const text = JSON.stringify({ credsStore: 'desktop', credHelpers });
  const { helpers, warnings } = parseDockerConfig(text, 'config.json');
  assert.equal(helpers.store, 'desktop');
  assert.deepEqual(
    [...helpers.hosts],
    [
      ['docker.io', 'hub'],
      ['gcr.example', 'gcloud'],
    ],
  );
  assert.equal(warnings.length, 1);
});

test('a bad entry is a warning without its secret, and the others count', () => {
  const bad = {
    'no-object.example': 's3cret',
    'no-base64.example': { auth: 's3cret!!' },
    'no-colon.example': { auth: Buffer.from('s3cret').toString('base64') },
    'no-user.example': { auth: Buffer.from(':s3cret').toString('base64') },
    'no-text.example': { auth: 7 },
    'registry-token.example': { registrytoken: 's3cret' },
    '*.example': auth('alice'),
    'not a host': auth('alice'),
    'https://': auth('alice'),
    'https://alice:s3cret@reg.example/v1/': auth('alice'),
    '127.1': auth('alice'),
  };
  const { find, warnings } = parse({ ...bad, 'reg.example': auth('bob') });
  assert.equal(warnings.length, Object.keys(bad).length, warnings.join('\n'));
  assert.doesNotMatch(warnings.join('\n'), /s3cret|czNjcmV0|alice/);
  assert.equal(find({ registry: 'reg.example', repository: 'a' }).length, 1);
});

test('a document that cannot be read is CONFIG_INVALID, and never quoted', () => {
  for (const text of [
    '',
    's3cret',
    '{"auths":{"reg.example":{"auth":"s3cret"',
    '[]',
    'null',
    '{"auths":[]}',
    '{"auths":"s3cret"}',
  ]) {
    assert.throws(
      () => parseDockerConfig(text, 'config.json'),
      (error) => {
        assert.ok(error instanceof CountersignError);
        assert.equal(error.code, 'CONFIG_INVALID');
        assert.match(error.message, /^config\.json: /);
        assert.doesNotMatch(`${error.stack} ${error.cause}`, /s3cret/);
        return true;
      },
    );
  }
});

test('members called like those of every object are only names', () => {
  const credentials = parseDockerConfig(
    '{"auths":{"__proto__":{"auth":"YTpi"},"constructor":{"auth":"YTpi"}}}',
    'c',
  );
  assert.deepEqual(credentials.find({ registry: 'reg.example', repository: 'a' }), []);
  assert.equal(credentials.warnings.length, 2);
});
