// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { isSupportedNode } from '../scripts/supported-node.ts';
import { CODES } from '../src/errors.ts';
import {
  createTestKey,
  createTestSigstore,
  githubIdentity,
  signImageKeyless,
  signLegacy,
  startTestRegistry,
} from '../src/testing/index.ts';
import { createTufRepository, serveTuf } from './support/tuf-repository.ts';

const ROOT = join(import.meta.dirname, '..');
/** The whole test: pack with its build, an installation from the registry or its cache, and the checks. */
const TIMEOUT = 600_000;
/** An import path of the package, and something that it must export. */
const EXPORTS = {
  countersign: 'evaluate',
  'countersign/policy': 'compilePolicies',
  'countersign/verify': 'verifyCandidate',
  'countersign/registry': 'createRegistry',
  'countersign/testing': 'startTestRegistry',
} as const;

type Manifest = {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

describe('the package, packed and installed in an empty folder', { timeout: TIMEOUT }, () => {
  let folder: string;
  let files: readonly string[] = [];
  const installed = (name: string) => join(folder, 'app/node_modules/countersign', name);
  const run = (command: string, args: readonly string[], cwd: string) =>
    promisify(execFile)(command, args, { cwd, env: outsideEnv(), timeout: TIMEOUT, maxBuffer: 2 ** 26 });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-package-'));
    const pack = await run(...npm('pack', '--json', '--pack-destination', folder), ROOT);
    const [{ filename, files: packed }] = JSON.parse(pack.stdout.slice(pack.stdout.indexOf('[\n')));
    files = packed.map(({ path }: { path: string }) => path);
    mkdirSync(join(folder, 'app'));
    writeFileSync(join(folder, 'app/package.json'), '{ "type": "module" }\n');
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await run(...npm(...install, join(folder, filename)), join(folder, 'app'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('holds what is published and nothing else', () => {
    const allowed =
      /^(?:dist\/|docs\/(?:how-to|reference)\/|examples\/|(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$)/;
    assert.deepEqual(
      files.filter((file) => !allowed.test(file)),
      [],
    );
    assert.deepEqual(
      files.filter((file) => /(?:^|\/)(?:test|cli|server)\/|\.test\.|(?<!\.d)\.ts$/.test(file)),
      [],
    );
    for (const file of ['dist/countersign.js', 'dist/index.js', 'dist/index.d.ts', 'README.md', 'LICENSE'])
      assert.ok(files.includes(file), file);
  });

  test('holds each page that a hint names', () => {
    const named = Object.values(CODES).flatMap(({ hint }) => hint.match(/docs\/[\w/-]+\.md/g) ?? []);
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((page) => !files.includes(page)),
      [],
    );
  });

  test('brings no Node of its own, and nothing that only its command needs', () => {
    const { dependencies } = readManifest(installed('package.json'));
    for (const name of ['node', 'commander', 'prom-client']) {
      assert.equal(name in dependencies, false, name);
      assert.equal(existsSync(join(folder, 'app/node_modules', name)), false, name);
    }
  });

  const command = (...args: string[]) =>
    run(...npm('exec', '--offline', '--', 'countersign', ...args), join(folder, 'app'));

  test('its command verifies, with the curves that are loaded at their first use', async () => {
    const registry = await startTestRegistry();
    try {
      const key = createTestKey('ed25519');
      const image = registry.pushImage('web', { tag: '1' });
      signLegacy(registry, image, key, { ed25519: 'ph' });
      writeFileSync(join(folder, 'app/cosign.pub'), key.publicKeyPem);
      const { stdout } = await command('verify', '--key', 'cosign.pub', '--output', 'json', image.reference);
      assert.equal(JSON.parse(stdout).images[0].outcomes[0].evidence.algorithm, 'ed25519-ph');
    } finally {
      await registry.close();
    }
  });

  test('its command and its library read a condition, with the library that is loaded at the first one', async () => {
    const rule =
      '{ name: r, images: ["**"], attestations: [{ type: spdx, by: s, where: "predicate.x.lowerAscii() == nwo" }] }';
    const key = createTestKey('ed25519').publicKeyPem.replaceAll('\n', '\\n');
    const text = `{ apiVersion: countersign.dev/v1, kind: TrustPolicy, metadata: { name: p }, signers: { s: { key: { pem: "${key}" } } }, rules: [${rule}] }`;
    writeFileSync(join(folder, 'app/where.yaml'), text);
    const lint = await command('policy', 'lint', 'where.yaml').catch((error) => error);
    assert.match(lint.stdout, /1:29: unknown variable "nwo" \(did you mean "now"\?/);
    const use =
      "import { compilePolicies } from 'countersign/policy'; import { readFileSync } from 'node:fs'; compilePolicies(readFileSync('where.yaml', 'utf8').replace('nwo', '\\'a\\''), { source: 'x', readFile: String });";
    await run(process.execPath, ['--input-type=module', '-e', use], join(folder, 'app'));
  });

  test('its library makes a Sigstore and signs, its command verifies by identity, and by a regular expression', async () => {
    const make = `import { createTestSigstore, githubIdentity } from 'countersign/testing';
      import { writeFileSync } from 'node:fs';
      const sigstore = createTestSigstore();
      const identity = githubIdentity('acme/web');
      writeFileSync('artifact', 'what is signed');
      writeFileSync('bundle.json', sigstore.signBundle({ identity, content: { message: 'what is signed' } }));
      writeFileSync('trusted_root.json', sigstore.trustedRoot());
      console.log(identity.subject);`;
    const node = (code: string) =>
      run(process.execPath, ['--input-type=module', '-e', code], join(folder, 'app'));
    const subject = (await node(make)).stdout.trim();
    const verify = (...args: string[]) =>
      command(
        'verify-bundle',
        '--bundle',
        'bundle.json',
        '--trusted-root',
        'trusted_root.json',
        ...args,
      ).then(
        () => 0,
        ({ code }) => code,
      );
    const issuer = ['--certificate-oidc-issuer', 'https://token.actions.githubusercontent.com'];
    assert.equal(await verify('--certificate-identity', subject, ...issuer, 'artifact'), 0);
    assert.equal(await verify('--certificate-identity', `${subject}2`, ...issuer, 'artifact'), 1);

    const registry = await startTestRegistry();
    try {
      const sigstore = createTestSigstore();
      const image = registry.pushImage('web', { tag: '1' });
      signImageKeyless(registry, image, sigstore, githubIdentity('acme/web'));
      writeFileSync(join(folder, 'app/other_root.json'), sigstore.trustedRoot());
      const wanted = ['--certificate-identity-regexp', '.*/acme/w[e]b/.*', ...issuer];
      const options = ['--trusted-root', 'other_root.json', '--output', 'json'];
      const { stdout } = await command('verify', ...wanted, ...options, image.reference);
      assert.equal(JSON.parse(stdout).images[0].outcomes[0].evidence.subject, subject);
    } finally {
      await registry.close();
    }
  });

  test('its command and its library have the seed of the public-good instance, and update from a repository', async () => {
    assert.match((await command('trust', 'show')).stdout, /^default {2}sha256:[0-9a-f]{64}\n/);
    const use = `import { loadTrustRoots } from 'countersign';
      const { roots } = loadTrustRoots({ trustRoots: new Map([['default', { kind: 'publicGood', orKept: false }]]) });
      if (roots.get('default').certificateAuthorities.length === 0) throw new Error('no authority');`;
    await run(process.execPath, ['--input-type=module', '-e', use], join(folder, 'app'));

    const repository = createTufRepository();
    repository.publish(createTestSigstore().trustedRoot());
    const server = await serveTuf(repository.files);
    try {
      writeFileSync(join(folder, 'app/root.json'), repository.root);
      const corp = `{ corp: { tuf: { mirror: "${server.mirror}", root: { file: root.json } } } }`;
      const config = `{ apiVersion: countersign.dev/v1, kind: Config, trustRoots: ${corp} }`;
      writeFileSync(join(folder, 'app/trust.yaml'), config);
      const cache = { ...outsideEnv(), COUNTERSIGN_TRUST_CACHE: join(folder, 'cache') };
      const args = npm('exec', '--offline', '--', 'countersign', 'trust', 'update', '--config', 'trust.yaml');
      const { stdout } = await promisify(execFile)(...args, { cwd: join(folder, 'app'), env: cache });
      assert.match(stdout, /^corp: updated, sha256:/);
    } finally {
      await server.close();
    }
  });

  test('its command runs', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.equal((await command('--version')).stdout.trim(), version);
    assert.equal(JSON.parse((await command('policy', 'schema')).stdout).type, 'object');
    assert.match((await command('demo')).stdout, /25 answers, all as they must be/);
  });

  test('its command tells a Node that is too old what it wants, before anything else', async () => {
    const old =
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })";
    const args = ['--import', `data:text/javascript,${old}`, installed('dist/countersign.js'), '--version'];
    const { code, stdout, stderr } = await run(process.execPath, args, folder).catch((error) => error);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^countersign: found Node\.js 20\.20\.2, wanted \^22\.22\.2 .*: install a Node\.js .*\n$/,
    );
    assert.equal(code, 2);
  });

  test('every documented import path resolves, with its types', async () => {
    const { exports } = readManifest(installed('package.json'));
    const paths = Object.keys(exports).map((path) => path.replace(/^\./, 'countersign'));
    assert.deepEqual(paths.sort(), [...Object.keys(EXPORTS), 'countersign/package.json'].sort());
    for (const entry of Object.values(exports)) {
      const named = typeof entry === 'string' ? [entry] : [entry.types, entry.default];
      for (const file of named) assert.ok(existsSync(installed(file)), file);
    }
    const lines = Object.entries(EXPORTS).map(
      ([path, name]) =>
        `if (typeof (await import('${path}')).${name} !== 'function') throw new Error('${path}');`,
    );
    await run(process.execPath, ['--input-type=module', '-e', lines.join('\n')], join(folder, 'app'));
  });

  test('its types can be used', async () => {
    const imports = Object.entries(EXPORTS).map(
      ([path, name]) => `import { ${name} } from '${path}';\nvoid ${name};`,
    );
    const use = [
      ...imports,
      "import type { Report } from 'countersign';",
      'export const allowed = (report: Report): boolean => report.images.every((image) => image.decision === "allow");',
      '// @ts-expect-error: the types are real ones\nexport const wrong = (report: Report): number => report.allowed;',
    ];
    writeFileSync(join(folder, 'app/use.ts'), use.join('\n'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const types = join(ROOT, 'node_modules/@types');
    const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--noEmit', '--skipLibCheck'];
    const roots = ['--typeRoots', types, '--types', 'node'];
    const args = [tsc, ...options, ...roots, 'use.ts'];
    const { stdout } = await run(process.execPath, args, join(folder, 'app')).catch((error) => error);
    assert.equal(stdout, '');
  });
});

test('a supported Node is one that the range of package.json takes', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const taken = (versions: string[]) => versions.filter((version) => isSupportedNode(version, engines.node));
  const good = [
    '22.22.2',
    '22.22.10',
    '22.23.0',
    '24.15.0',
    '24.21.0',
    '26.0.0',
    '26.0.1-rc.1',
    '27.1.0',
    '100.0.0',
  ];
  assert.deepEqual(taken(good), good);
  assert.deepEqual(taken(['18.20.8', '20.20.2', '22.22.1', '22.9.9', '23.11.0', '24.14.9', '25.9.0']), []);
});

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** npm as the one that runs these tests, else the one on the path. */
function npm(...args: string[]): [string, string[]] {
  const cli = process.env['npm_execpath'];
  return cli?.endsWith('.js') === true ? [process.execPath, [cli, ...args]] : ['npm', args];
}

/** The environment without what the surrounding npm and test runner say to their children. */
function outsideEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:npm_(?:config_local_prefix|package_|lifecycle_)|NODE_TEST_CONTEXT$|INIT_CWD$)/.test(name),
  );
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  return { ...Object.fromEntries(entries), PATH: path };
}
