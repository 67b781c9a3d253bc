// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Config,
  ConfigError,
  DEFAULT_CONFIG,
  loadConfigFile,
  parseConfig,
} from '../../src/config/index.ts';
import { CountersignError } from '../../src/errors.ts';
import { createTestCa, createTestCertificate } from '../../src/testing/index.ts';

const HEAD = 'apiVersion: countersign.dev/v1\nkind: Config\n';
const CA = createTestCa().certificate;
const LEAF = createTestCertificate();
const CLIENT = createTestCertificate({ hosts: [], commonName: 'countersign' });
const MIRROR = (mirror: string) => `registries: { reg.example: { mirror: "${mirror}" } }`;
const PAIR = (cert: string, key: string) =>
  `registries: { reg.example: { clientCertificate: { cert: { file: ${cert} }, key: { file: ${key} } } } }`;
const FILES: Readonly<Record<string, string>> = {
  'ca.pem': CA,
  'two.pem': `# corp\n${CA}\nsome words\n${LEAF.ca}`,
  'key.pem': LEAF.certificate + LEAF.privateKey,
  'client.pem': CLIENT.certificate,
  'client-chain.pem': CLIENT.certificate + CLIENT.ca,
  'client.key': `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${CLIENT.privateKey}`,
  'other.key': LEAF.privateKey,
  'two.key': CLIENT.privateKey + LEAF.privateKey,
  'locked.key': lockedKey(),
  'broken.key': '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n',
  'text.pem': 'no certificate at all',
  'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
};

/** A line of each private key, and what stands in the broken one. */
const SECRETS = [LEAF.privateKey, CLIENT.privateKey]
  .map((pem) => pem.split('\n')[1] ?? '')
  .concat('c2VjcmV0');

function lockedKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  return privateKey.export(locked).toString();
}

function parse(body: string, head = HEAD): Config {
  return parseConfig(head + body, {
    source: 'config.yaml',
    readFile(name) {
      const text = FILES[name];
      if (text === undefined) throw new CountersignError('FILE_UNREADABLE', `${name}: no such file`);
      return text;
    },
  });
}

/** `line:column path: message` of every issue. */
function issuesOf(body: string, head = HEAD): string[] {
  try {
    parse(body, head);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.ok(error.issues.every(({ file }) => file === 'config.yaml'));
    return error.issues.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return [];
}

test('without registries and cache the defaults hold', () => {
  assert.deepEqual(parse(''), DEFAULT_CONFIG);
  assert.deepEqual(parse('registries: {}\ncache: {}\n'), DEFAULT_CONFIG);
  assert.equal(DEFAULT_CONFIG.cache.tagSeconds, 30);
  assert.equal(DEFAULT_CONFIG.registries.size, 0);
});

test('a whole Config', () => {
  const config = parse(`registries:
  registry.corp.example: { ca: { file: ca.pem }, tokenServer: auth.corp.example }
  127.0.0.1:5000: { unsafePlainHttp: true }
  "[::1]:5000": { unsafePlainHttp: false }
  named.example: {}
cache: { tagSeconds: 0 }
`);
  assert.deepEqual(Object.fromEntries(config.registries), {
    'registry.corp.example': { ca: CA, tokenServer: 'auth.corp.example' },
    '127.0.0.1:5000': { unsafePlainHttp: true },
    '[::1]:5000': { unsafePlainHttp: false },
    'named.example': {},
  });
  assert.equal(config.cache.tagSeconds, 0);
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.registries.get('named.example')));
});

test('names of registries become canonical', () => {
  const config = parse(`registries:
  index.docker.io: {}
  REG.Example:5000: { tokenServer: AUTH.Example:443 }
`);
  assert.deepEqual([...config.registries.keys()], ['docker.io', 'reg.example:5000']);
  assert.equal(config.registries.get('reg.example:5000')?.tokenServer, 'auth.example');
});

test('a mirror is a host, and a path that the repositories stand below', () => {
  const { registries } = parse(`registries:
  docker.io: { mirror: Mirror.corp.example:443/hub/cache, unsafeMirrorTags: true }
  reg.example: { mirror: "127.0.0.1:5000" }
  other.example: { mirror: other.example/cache }
`);
  assert.deepEqual(Object.fromEntries(registries), {
    'docker.io': { mirror: { registry: 'mirror.corp.example', path: 'hub/cache' }, unsafeMirrorTags: true },
    'reg.example': { mirror: { registry: '127.0.0.1:5000', path: '' } },
    'other.example': { mirror: { registry: 'other.example', path: 'cache' } },
  });
});

test('of a PEM file the certificates count, all of them', () => {
  const ca = parse('registries: { reg.example: { ca: { file: two.pem } } }').registries.get(
    'reg.example',
  )?.ca;
  assert.equal(ca?.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.ok(!ca?.includes('words'));
});

test('a client certificate: the first of its file, with its chain, and its key', () => {
  for (const file of ['client.pem', 'client-chain.pem']) {
    const found = parse(PAIR(file, 'client.key')).registries.get('reg.example');
    assert.ok(found?.clientCertificate !== undefined);
    const { certificate, privateKey } = found.clientCertificate;
    assert.equal(certificate.trim(), (FILES[file] ?? '').trim());
    assert.equal(privateKey.trim(), CLIENT.privateKey.trim());
  }
});

const WRONG: readonly (readonly [what: string, body: string, ...issues: RegExp[]])[] = [
  [
    'an unknown key',
    'registrys: {}',
    /^3:1 registrys: unknown key "registrys" \(did you mean "registries"\?/,
  ],
  [
    'keys that there are not',
    'registries: { docker.io: { tokenServr: mirror.example } }\ntrustRoot: {}\n',
    /^3:28 .*unknown key "tokenServr" .*allowed: ca, clientCertificate, tokenServer, mirror, unsafeMirrorTags, unsafePlainHttp/,
    /^4:1 trustRoot: unknown key/,
  ],
  [
    'registries that are a list',
    'registries: [docker.io]',
    /^3:13 registries: found a list \(allowed: a mapping\)/,
  ],
  [
    'a registry without a mapping',
    'registries: { reg.example: }',
    /registries\["reg.example"\]: found nothing/,
  ],
  [
    'a registry with a scheme',
    'registries: { "https://reg.example": {} }',
    /^3:15 .*"https:\/\/reg.example": registry/,
  ],
  ['a registry with a path', 'registries: { reg.example/corp: {} }', /^3:15 .*reg.example\/corp/],
  ['an address in an odd form', 'registries: { 127.1: {} }', /^3:15 .*four decimal numbers/],
  [
    'two spellings of one host',
    'registries:\n  docker.io: {}\n  index.docker.io: {}\n',
    /^5:3 .*"index.docker.io" is the same host as "docker.io"/,
  ],
  [
    'a token server with a scheme',
    'registries: { reg.example: { tokenServer: "https://auth" } }',
    /tokenServer: /,
  ],
  [
    'a token server with a path',
    'registries: { reg.example: { tokenServer: auth.example/token } }',
    /tokenServer: /,
  ],
  [
    'a CA that is a path',
    'registries: { reg.example: { ca: ca.pem } }',
    /\.ca: found "ca.pem" \(allowed: a mapping\)/,
  ],
  ['a CA without a file', 'registries: { reg.example: { ca: {} } }', /\.ca\.file: missing/],
  ['an empty name of a file', 'registries: { reg.example: { ca: { file: "" } } }', /\.ca\.file: .*empty/],
  [
    'a file that is not there',
    'registries: { reg.example: { ca: { file: no.pem } } }',
    /^3:42 registries\S+: no.pem: no such file/,
  ],
  [
    'a file without certificates',
    'registries: { reg.example: { ca: { file: text.pem } } }',
    /holds no certificate/,
  ],
  [
    'a file with a private key',
    'registries: { reg.example: { ca: { file: key.pem } } }',
    /holds a private key/,
  ],
  [
    'a broken certificate',
    'registries: { reg.example: { ca: { file: broken.pem } } }',
    /certificate 1 .* cannot be read/,
  ],
  [
    'a CA that does nothing',
    'registries: { reg.example: { ca: { file: ca.pem }, unsafePlainHttp: true } }',
    /^3:30 .*ca does nothing beside unsafePlainHttp/,
  ],
  ['a mirror with a scheme', MIRROR('https://mirror.example/hub'), /^3:38 \S+\.mirror: .*without a scheme/],
  [
    'a mirror with a tag',
    MIRROR('mirror.example/hub:1'),
    /\.mirror: .*mirror "mirror.example\/hub:1": .*not a path/,
  ],
  ['a mirror with an end that is open', MIRROR('mirror.example/hub/'), /not a path/],
  ['a mirror that leads upwards', MIRROR('mirror.example/hub/..'), /not a path/],
  ['a mirror in an odd form', MIRROR('127.1/hub'), /\.mirror: .*registry "127.1": /],
  ['a registry that mirrors itself', MIRROR('REG.example'), /^3:38 .*"reg.example" cannot be its own mirror/],
  [
    'tags of no mirror',
    'registries: { reg.example: { unsafeMirrorTags: true } }',
    /^3:30 .*unsafeMirrorTags does nothing without mirror/,
  ],
  [
    'a client certificate without a key',
    'registries: { reg.example: { clientCertificate: { cert: { file: client.pem } } } }',
    /\.clientCertificate\.key: missing/,
  ],
  [
    'a client certificate with the key of another',
    PAIR('client.pem', 'other.key'),
    /^3:49 registries\["reg.example"\].clientCertificate: the private key does not belong to the first certificate$/,
  ],
  [
    'a certificate where the key should be',
    PAIR('client.pem', 'client.pem'),
    /\.clientCertificate\.key\.file: "client.pem": holds no private key/,
  ],
  ['two private keys', PAIR('client.pem', 'two.key'), /"two.key": holds 2 private keys \(allowed: one\)/],
  [
    'an encrypted private key',
    PAIR('client.pem', 'locked.key'),
    /"locked.key": holds an encrypted private key/,
  ],
  ['a broken private key', PAIR('client.pem', 'broken.key'), /key of the file cannot be read$/],
  [
    'a client certificate with its key in one file',
    PAIR('key.pem', 'key.pem'),
    /\.cert\.file: "key.pem": holds a private key/,
  ],
  [
    'files of a pair that are not there',
    PAIR('no.pem', 'no.key'),
    /\.cert\.file: no.pem/,
    /\.key\.file: no.key/,
  ],
  [
    'a client certificate that does nothing',
    PAIR('client.pem', 'client.key').replace('{ clientC', '{ unsafePlainHttp: true, clientC'),
    /clientCertificate does nothing beside unsafePlainHttp/,
  ],
  [
    'unsafePlainHttp in quotes',
    'registries: { reg.example: { unsafePlainHttp: "true" } }',
    /found "true" \(allowed: boolean/,
  ],
  [
    'a trust root of no kind',
    'trustRoots: { default: {} }',
    /^3:24 .*found none, wanted exactly one of file, tuf/,
  ],
  [
    'a trust root of two kinds',
    'trustRoots: { default: { file: ca.pem, publicGood: {} } }',
    /found file and publicGood, wanted exactly one/,
  ],
  [
    'files of trust roots that are not there, each where it is named',
    'trustRoots: { a: { file: no.json }, b: { files: { rekorKeys: [{ file: no.pub }] } } }',
    /^3:26 trustRoots.a.file: no.json/,
    /^3:\d+ trustRoots.b.files.rekorKeys\[0\].file: no.pub/,
  ],
  ['files of none', 'trustRoots: { a: { files: {} } }', /empty; name at least one file/],
  [
    'a log by another name than a host',
    `trustRoots: { a: { files: { rekorKeys: [${[
      '"https://log.example"',
      'Log.example',
      '"a/b"',
      '""',
      '"[::1]"',
    ]
      .map((origin) => `{ file: ca.pem, origin: ${origin} }`)
      .join(', ')}] } } }`,
    ...[0, 1, 2, 3, 4].map(
      (index) =>
        new RegExp(`trustRoots\\.a\\.files\\.rekorKeys\\[${index}\\]\\.origin: .*the host name of the log`),
    ),
  ],
  [
    'a mirror without what trust in it begins with',
    'trustRoots: { a: { tuf: { mirror: "https://tuf.example" } } }',
    /^3:35 .*a mirror of your own needs root/,
  ],
  ...['ftp://tuf.example', 'https://me:secret@tuf.example', 'https://tuf.example?a=b', 'tuf.example'].map(
    (mirror): readonly [string, string, RegExp] => [
      `the mirror ${mirror}`,
      `trustRoots: { a: { tuf: { mirror: "${mirror}", root: { file: ca.pem } } } }`,
      /trustRoots.a.tuf.mirror: .*(?:not an https URL|a host and a path only)/,
    ],
  ),
  ...['../root.json', '/root.json', 'a//b', 'a?b', '.'].map((target): readonly [string, string, RegExp] => [
    `the target ${target}`,
    `trustRoots: { a: { tuf: { target: "${target}" } } }`,
    /the path of a target/,
  ]),
  [
    'a name of a trust root that no metric can carry',
    'trustRoots: { "a b": { publicGood: {} } }',
    /a name has letters/,
  ],
  ['a negative time', 'cache: { tagSeconds: -1 }', /^3:22 cache.tagSeconds: at least 0/],
  ['a time of more than a day', 'cache: { tagSeconds: 86401 }', /at most 86400/],
  ['a broken time', 'cache: { tagSeconds: 1.5 }', /cache.tagSeconds: /],
  ['a time with a unit', 'cache: { tagSeconds: 30s }', /found "30s"/],
  ['a key that is there twice', 'cache: {}\ncache: {}\n', /^4:1 /],
  ['a second document', '---\nkind: Config\n', /found 2 documents \(allowed: one\)/],
  ['what is no YAML', 'registries: [', /^\d+:\d+ /],
  ['the key __proto__', 'registries: { __proto__: { unsafePlainHttp: true } }', /__proto__ is not allowed/],
];

for (const [what, body, ...expected] of WRONG) {
  test(`CONFIG_INVALID: ${what}`, () => {
    const issues = issuesOf(body);
    assert.equal(issues.length, expected.length, issues.join('\n'));
    for (const secret of SECRETS) assert.ok(!issues.join().includes(secret));
    for (const [index, pattern] of expected.entries()) assert.match(issues[index] ?? '', pattern);
  });
}

test('trust roots by name, and the public-good one as the default', () => {
  const from = (body: string) => Object.fromEntries(parse(body).trustRoots);
  assert.deepEqual(from(''), { default: { kind: 'publicGood', orKept: true } });
  const folder = process.cwd();
  assert.deepEqual(
    from(`trustRoots:
  default: { publicGood: {} }
  corp: { tuf: { mirror: "https://tuf.example/a/", root: { file: ca.pem }, target: x/y.json, refreshHours: 1 } }
  good: { tuf: {} }
  pki: { files: { certificateChain: { file: ca.pem } } }
  file: { file: ca.pem }
`),
    {
      default: { kind: 'publicGood', orKept: false },
      corp: {
        kind: 'tuf',
        mirror: 'https://tuf.example/a',
        root: join(folder, 'ca.pem'),
        target: 'x/y.json',
        refreshHours: 1,
      },
      good: {
        kind: 'tuf',
        mirror: 'https://tuf-repo-cdn.sigstore.dev',
        target: 'trusted_root.json',
        refreshHours: 24,
      },
      pki: { kind: 'files', certificateChain: join(folder, 'ca.pem'), rekorKeys: [], ctKeys: [] },
      file: { kind: 'file', path: join(folder, 'ca.pem') },
    },
  );
});

test('CONFIG_INVALID: another kind, another version, nothing at all', () => {
  assert.match(
    issuesOf('', 'apiVersion: countersign.dev/v1\nkind: TrustPolicy\n')[0] ?? '',
    /^2:7 kind: found "TrustPolicy"/,
  );
  assert.match(issuesOf('', 'apiVersion: countersign.dev/v2\nkind: Config\n')[0] ?? '', /^1:13 apiVersion: /);
  assert.match(issuesOf('', 'kind: Config\n')[0] ?? '', /apiVersion: missing/);
  for (const text of ['', '# nothing\n', 'null\n', '[]', 'Config'])
    assert.equal(issuesOf('', text).length, 1, text);
  assert.match(issuesOf('', ' '.repeat(2 ** 20 + 1))[0] ?? '', /larger than/);
});

test('all that is wrong is told at once, in order', () => {
  const issues = issuesOf(`registries:
  127.1: {}
  reg.example: { ca: { file: no.pem }, tokenServr: auth.example }
  REG.example: { unsafePlainHttp: 1 }
cache: { tagSeconds: -1 }
`);
  assert.deepEqual(
    issues.map((issue) => issue.split(':')[0]),
    ['4', '5', '5', '6', '6', '7'],
  );
});

test('a file, and the certificates beside it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'certs'));
  writeFileSync(join(folder, 'certs', 'ca.pem'), CA);
  const file = join(folder, 'config.yaml');
  for (const name of ['certs/ca.pem', join(folder, 'certs', 'ca.pem')]) {
    writeFileSync(file, `${HEAD}registries: { reg.example: { ca: { file: ${name} } } }\n`);
    assert.equal(loadConfigFile(file).registries.get('reg.example')?.ca, CA);
  }
  assert.throws(() => loadConfigFile(join(folder, 'nowhere.yaml')), { code: 'FILE_UNREADABLE' });
  writeFileSync(file, `${HEAD}registries: { reg.example: { ca: { file: nowhere.pem } } }\n`);
  assert.throws(() => loadConfigFile(file), { code: 'CONFIG_INVALID' });
});
