// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { type Credential, type Credentials, loadDockerCredentials } from '../../src/registry/index.ts';
import { tenant } from '../../src/sharing/index.ts';
import { at, clientFor, exchange, registryFor, rejectsWith, until } from './world.ts';

const ASKER = { signal: new AbortController().signal };

/** A folder on PATH with helper programs and a `config.json`; `runs` are the addresses that were asked for. */
function start(t: TestContext, config: object, scripts: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}${delimiter}${path}`;
  t.after(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, script: string) => {
    const file = join(folder, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\nread address\necho "$1 $address" >> ${folder}/runs\n${script}\n`);
    chmodSync(file, 0o755);
  };
  for (const [name, script] of Object.entries(scripts)) write(name, script);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const runs = () =>
    existsSync(`${folder}/runs`) ? readFileSync(`${folder}/runs`, 'utf8').trim().split('\n') : [];
  return { folder, write, runs, credentials: loadDockerCredentials(folder) };
}

function says(username: string, secret = 's3cret'): string {
  return `echo '{"ServerURL":"x","Username":"${username}","Secret":"${secret}"}'`;
}

function auth(username: string) {
  return { auth: Buffer.from(`${username}:s3cret`).toString('base64') };
}

const NOT_FOUND = 'echo "credentials not found in native keychain"; exit 1';

async function usersFor(
  credentials: Credentials,
  registry: string,
  repository = 'acme/app',
): Promise<string[]> {
  await credentials.ready?.({ registry, repository }, ASKER);
  return credentials.find({ registry, repository }).map(nameOf);
}

function nameOf(credential: Credential): string {
  return credential.kind === 'password' ? credential.username : `token ${credential.token}`;
}

test('a helper is asked for its host, the store for the others, each once', async (t) => {
  const config = { credHelpers: { 'gcr.example': 'cloud' }, credsStore: 'desktop' };
  const { credentials, runs } = start(t, config, { cloud: says('cloud'), desktop: says('desktop') });
  const asked = await Promise.all(Array.from({ length: 10 }, () => usersFor(credentials, 'gcr.example')));
  assert.ok(asked.every((users) => users.join() === 'cloud'));
  assert.deepEqual(await usersFor(credentials, 'reg.example:5000'), ['desktop']);
  assert.deepEqual(await usersFor(credentials, 'reg.example:5000', 'other/app'), ['desktop']);
  assert.deepEqual(runs(), ['get gcr.example', 'get reg.example:5000']);
  assert.equal(credentials.ready?.(at('gcr.example'), ASKER), undefined, 'known: no promise');
});

test('the user name <token> says that the secret is an identity token', async (t) => {
  const { credentials } = start(t, { credsStore: 'a' }, { a: says('<token>', 'abc') });
  assert.deepEqual(await usersFor(credentials, 'reg.example'), ['token abc']);
});

test('a helper for the host stands alone; the store comes before what is written for the whole host', async (t) => {
  const auths = { 'reg.example': auth('host'), 'reg.example/acme': auth('part') };
  const alone = start(
    t,
    { auths, credHelpers: { 'https://reg.example': 'h' }, credsStore: 's' },
    { h: says('h') },
  );
  assert.deepEqual(await usersFor(alone.credentials, 'reg.example'), ['h']);
  const store = start(t, { auths, credsStore: 's' }, { s: says('s') });
  assert.deepEqual(await usersFor(store.credentials, 'reg.example'), ['part', 's', 'host']);
  const none = start(t, { auths, credsStore: 's', credHelpers: { 'reg.example': '' } }, {});
  assert.deepEqual(await usersFor(none.credentials, 'reg.example'), ['part', 'host']);
});

test('Docker Hub is asked for by the name that docker login writes, then by the other', async (t) => {
  const script = `if [ "$address" = docker.io ]; then ${says('hub')}; else ${NOT_FOUND}; fi`;
  const { credentials, runs } = start(t, { credHelpers: { 'index.docker.io': 'a' } }, { a: script });
  assert.deepEqual(await usersFor(credentials, 'docker.io'), ['hub']);
  assert.deepEqual(runs(), ['get https://index.docker.io/v1/', 'get docker.io']);
});

test('what the helper does not have, nobody has: asked as nobody, and remembered', async (t) => {
  for (const script of [NOT_FOUND, says('', ''), 'echo "no credentials server URL"; exit 1']) {
    const { credentials, runs } = start(t, { credsStore: 'a' }, { a: script });
    assert.deepEqual(await usersFor(credentials, 'reg.example'), []);
    assert.deepEqual(await usersFor(credentials, 'reg.example'), []);
    assert.equal(runs().length, 1, script);
    assert.deepEqual(credentials.warnings, []);
  }
});

test('a helper that fails in any other way is REGISTRY_UNAUTHORIZED and a warning, never nobody, never remembered', async (t) => {
  const flood = `head -c ${LIMITS.helperBytes + 1} /dev/zero; sleep 30`;
  for (const [script, reason] of [
    ['echo "s3cret is locked" ; exit 1', /ended with 1/],
    ['kill -9 $$', /killed/],
    ['echo s3cret', /not JSON/],
    ['echo []', /not a JSON object/],
    ['echo \'{"Username":7,"Secret":"s3cret"}\'', /no strings/],
    [flood, /bytes/],
  ] as const) {
    const { credentials, write } = start(t, { credsStore: 'a' }, { a: script });
    await rejectsWith(usersFor(credentials, 'reg.example'), 'REGISTRY_UNAUTHORIZED', reason);
    assert.match(credentials.warnings.join(), reason);
    assert.doesNotMatch(credentials.warnings.join(), /s3cret/);
    write('a', says('mended'));
    assert.deepEqual(await usersFor(credentials, 'reg.example'), ['mended']);
    assert.deepEqual(credentials.warnings, []);
  }
  const { credentials } = start(t, { credsStore: 'not-there' }, {});
  await rejectsWith(usersFor(credentials, 'reg.example'), 'REGISTRY_UNAUTHORIZED', /no such program on PATH/);
});

test('a name that is no name of a program is never run', (t) => {
  const names = ['../evil', 'a b', '-x', '/bin/sh', 'a;b', '$(x)', '', 7, ['a']];
  const config = { credHelpers: Object.fromEntries(names.map((name, index) => [`h${index}.example`, name])) };
  const { credentials } = start(t, config, {});
  for (const index of names.keys())
    assert.equal(credentials.ready?.(at(`h${index}.example`), ASKER), undefined);
  assert.equal(credentials.warnings.length, names.length - 1);
});

test('an answer that is old is used until there is a new one, asked for beside the request', async (t) => {
  const { credentials, write, runs } = start(t, { credsStore: 'a' }, { a: says('old') });
  assert.deepEqual(await usersFor(credentials, 'reg.example'), ['old']);
  const real = performance.now.bind(performance);
  let ahead = LIMITS.helperAnswerMs;
  t.mock.method(performance, 'now', () => real() + ahead);
  write('a', 'exit 1');
  assert.equal(credentials.ready?.(at('reg.example'), ASKER), undefined);
  await until(() => credentials.warnings.length === 1);
  assert.deepEqual(credentials.find(at('reg.example')).map(nameOf), ['old']);
  write('a', says('new'));
  assert.equal(credentials.ready?.(at('reg.example'), ASKER), undefined);
  await until(() => credentials.find(at('reg.example')).map(nameOf).join() === 'new');
  assert.equal(runs().length, 3);
  ahead += 1;
});

test('a helper whose answer is refused is asked again, and a failing one makes no anonymous request', async (t) => {
  const registry = await registryFor(t, {
    auth: { kind: 'basic', users: [{ username: 'alice', password: 's3cret' }] },
  });
  const image = registry.pushImage('acme/app', { tag: '1' });
  const { credentials, write, runs } = start(t, { credsStore: 'a' }, { a: 'exit 1' });
  const client = clientFor(t, { credentials });
  await rejectsWith(
    client.resolveTag(at(registry.host), '1', exchange()),
    'REGISTRY_UNAUTHORIZED',
    /docker-credential-a/,
  );
  assert.equal(registry.requests.length, 0);
  write('a', says('alice', 'expired'));
  await rejectsWith(client.resolveTag(at(registry.host), '1', exchange()), 'REGISTRY_UNAUTHORIZED');
  const before = client.credentialId(at(registry.host), {});
  write('a', says('alice'));
  await rejectsWith(client.resolveTag(at(registry.host), '1', exchange()), 'REGISTRY_UNAUTHORIZED');
  assert.equal(runs().length, 2, 'not again within seconds');
  const real = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => real() + LIMITS.helperRecheckMs);
  assert.equal(await client.resolveTag(at(registry.host), '1', exchange(60_000)), image.digest);
  assert.equal(runs().length, 3);
  assert.notEqual(client.credentialId(at(registry.host), {}), before);
});

test('where no file can be opened any more the helper fails, and the process lives on', (t) => {
  const { folder } = start(t, {}, {});
  const source = new URL('../../src/registry/credential-helper.ts', import.meta.url);
  writeFileSync(
    join(folder, 'program.mts'),
    `import { openSync } from 'node:fs';
import { askHelper } from '${source}';
try { for (;;) openSync('/dev/null', 'r'); } catch {}
const failure = await askHelper('x', 'reg.example', AbortSignal.timeout(60_000)).catch((error) => error);
await new Promise((resolve) => setTimeout(resolve, 100));
process.stdout.write(failure.message);
`,
  );
  const program = `ulimit -n 100; exec "${process.execPath}" "${folder}/program.mts"`;
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', program], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(stdout, 'docker-credential-x: it cannot be run');
  assert.equal(status, 0);
});

test('one namespace with images of very many hosts keeps no other waiting, and leaves nothing to be done', async (t) => {
  const { credentials, runs } = start(t, { credsStore: 'a' }, { a: `sleep 0.2; ${says('alice')}` });
  const gone = new AbortController();
  const flood = Array.from({ length: 100 }, (_, index) =>
    credentials.ready?.(at(`h${index}.example`), { signal: gone.signal, tenants: tenant('shop') }),
  );
  await credentials.ready?.(at('reg.example'), { ...ASKER, tenants: tenant('other') });
  assert.deepEqual(credentials.find(at('reg.example')).map(nameOf), ['alice']);
  assert.ok(runs().length < flood.length, 'not after all that came before');
  gone.abort(new Error('gone'));
  await Promise.allSettled(flood);
  await assert.rejects(async () => credentials.ready?.(at('late.example'), { signal: gone.signal }), /gone/);
  const before = runs().length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  // Those of the namespace that had been begun may say so late.
  assert.ok(runs().length <= before + LIMITS.helpers / 2, 'whoever is gone has no helper run');
  assert.ok(!runs().includes('get late.example'));
});

test('a helper that takes longer than its first asker has time answers those who come later', async (t) => {
  const { credentials, runs } = start(t, { credsStore: 'a' }, { a: `sleep 0.5; ${says('alice')}` });
  const hasty = { signal: AbortSignal.timeout(200) };
  await assert.rejects(async () => credentials.ready?.(at('reg.example'), hasty), { name: 'TimeoutError' });
  await credentials.ready?.(at('reg.example'), ASKER);
  assert.deepEqual(credentials.find(at('reg.example')).map(nameOf), ['alice']);
  assert.equal(runs().length, 1);
});
