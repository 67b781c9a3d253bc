// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { linesOf, type Part, partOf, type Rules, violations } from './support/architecture.ts';
import { readTree, treeOf } from './support/source-tree.ts';

const SRC = join(import.meta.dirname, '../src');
const DISK = { 'node:fs': true, 'node:path': true } as const;

const part = (rank: number, outside: Part['outside'] = {}): Part => ({ rank, outside });

/** A part imports only what has a lower rank: what stands left of it in the order. */
const RULES: Rules = {
  parts: {
    codes: part(-1),
    limits: part(-1),
    'errors.ts': part(0),
    'limits.ts': part(0),
    'json-bounds.ts': part(0),
    'json-object.ts': part(0),
    'lru-bounds.ts': part(0),
    image: part(1, { 'node:crypto': true, 'node:net': ['isIPv4', 'isIPv6'] }),
    certificate: part(1, { 'node:crypto': true, 'node:net': ['isIP', 'isIPv4'] }),
    sharing: part(1),
    admission: part(2),
    policy: part(2, {
      'node:crypto': true,
      'node:module': ['createRequire'],
      re2js: true,
      'node:process': ['cpuUsage'],
      'node:vm': ['Context', 'createContext', 'Script'],
      '@bufbuild/cel': true,
      yaml: true,
      zod: true,
    }),
    verify: part(3, {
      'node:buffer': ['isUtf8'],
      'node:crypto': true,
      'node:module': ['createRequire'],
      '@noble/curves': true,
    }),
    'decide.ts': part(4),
    'decide-attestation.ts': part(5),
    report: part(5),
    config: part(6, { ...DISK, 'node:crypto': true, 'node:tls': ['createSecureContext'], zod: true }),
    registry: part(7, {
      ...DISK,
      'node:child_process': ['spawn'],
      'node:crypto': true,
      'node:async_hooks': true,
      'node:dns': true,
      'node:http': ['IncomingMessage', 'request'],
      'node:net': true,
      'node:timers/promises': true,
      'node:tls': true,
      'lru-cache': true,
      undici: true,
    }),
    kubernetes: part(8, {
      'node:path': true,
      'node:timers/promises': true,
      'node:tls': true,
      'lru-cache': true,
      undici: true,
      yaml: true,
    }),
    trust: part(8, {
      ...DISK,
      'node:crypto': true,
      'node:module': ['createRequire'],
      'node:os': ['tmpdir'],
      'node:process': ['geteuid'],
      '@sigstore/tuf': true,
      'tuf-js': true,
    }),
    discover: part(8, { 'lru-cache': true }),
    evaluation: part(9),
    'evaluate.ts': part(10),
    'index.ts': part(11),
    testing: part(11, {
      'node:crypto': true,
      'node:http': true,
      'node:https': true,
      'node:net': true,
      'node:stream': true,
      'node:timers/promises': true,
      '@noble/curves': true,
    }),
    server: part(11, {
      ...DISK,
      'node:crypto': true,
      'node:fs/promises': true,
      'node:http': true,
      'node:https': true,
      'node:timers/promises': true,
      'node:tls': true,
      'node:util': true,
      'prom-client': true,
    }),
    cli: part(12, {
      ...DISK,
      'node:crypto': true,
      'node:os': true,
      'node:stream/consumers': true,
      'node:v8': true,
      commander: true,
      undici: true,
      yaml: true,
    }),
  },
  beside: [],
  closed: {
    testing: (path) => path.startsWith('cli/demo/') || path === 'cli/demo.ts',
    'index.ts': () => false,
  },
  pure: [
    'image',
    'certificate',
    'policy',
    'verify',
    'admission',
    'report',
    'decide.ts',
    'decide-attestation.ts',
    'codes',
    'errors.ts',
    'limits.ts',
    'limits',
    'json-bounds.ts',
    'json-object.ts',
  ],
  mayReadProcess: ['cli/main.ts', 'cli/terminal.ts'],
  longestFile: 250,
};

describe('src', () => {
  const files = readTree(SRC);

  test('keeps its order, its purity and its size', (context) => {
    assert.ok(files.length > 150, 'the tree was found');
    assert.deepEqual(violations(files, RULES), []);
    const lengths = files.map(({ text }) => linesOf(text)).sort((a, b) => a - b);
    context.diagnostic(`${files.length} files, median ${lengths[lengths.length >> 1]} lines`);
  });

  test('every outside package that a part may use is used by it', () => {
    const used = new Set(
      files.flatMap(({ path, imports }) => imports.map(({ specifier }) => `${partOf(path)} ${specifier}`)),
    );
    const unused = Object.entries(RULES.parts).flatMap(([name, { outside }]) =>
      Object.keys(outside)
        .filter((allowed) => ![...used].some((one) => one.startsWith(`${name} ${allowed}`)))
        .map((allowed) => `${name} ${allowed}`),
    );
    assert.deepEqual(unused, []);
  });

  test('the table of ARCHITECTURE.md has the parts, and for each the packages that it may use', () => {
    const page = readFileSync(join(SRC, '../ARCHITECTURE.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (`src\/.*?) +\|.*\| (.*?) *\|$/gm)].flatMap(
      ([, names = '', cell = '']) =>
        [...names.matchAll(/`src\/(.*?)\/?`/g)].map(([, name = '']) => [
          name,
          cell.split(', ').sort().join(', '),
        ]),
    );
    const allowed = Object.entries(RULES.parts).map(([name, { outside = {} }]) => {
      const packages = Object.keys(outside).filter((one) => !one.startsWith('node:'));
      return [name, packages.sort().join(', ')];
    });
    assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(allowed));
  });

  test('every part is a folder or a file that exists', () => {
    assert.deepEqual(
      Object.keys(RULES.parts).filter((name) => !existsSync(join(SRC, name))),
      [],
    );
  });
});

test('test/ mirrors src/: each folder of one has a folder of tests, and none stands alone', () => {
  const foldersIn = (folder: string) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  const beside = ['support', 'interop'];
  const tests = foldersIn(import.meta.dirname).filter((name) => !beside.includes(name));
  const sources = foldersIn(SRC);
  assert.deepEqual(
    sources.filter((name) => !tests.includes(name)),
    [],
  );
  const hasTests = (name: string) =>
    readdirSync(join(import.meta.dirname, name), { recursive: true, encoding: 'utf8' }).some((file) =>
      file.endsWith('.test.ts'),
    );
  assert.deepEqual(
    sources.filter((name) => !hasTests(name)),
    [],
  );
});

describe('the checker finds', () => {
  const SPDX = '// SPDX-License-Identifier: Apache-2.0\n';
  const found = (files: Record<string, string>) =>
    violations(
      treeOf(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, SPDX + text]))),
      RULES,
    );

  for (const [name, files, expected] of [
    ['an import to the right', { 'image/a.ts': "import { x } from '../policy/b.ts';\n" }, /stand left/],
    [
      'an import over several lines',
      { 'image/a.ts': "import {\n x,\n y,\n} from '../verify/b.ts';\n" },
      /left/,
    ],
    ['an import of a type', { 'image/a.ts': "import type { X } from '../policy/b.ts';\n" }, /stand left/],
    ['an export from the right', { 'image/a.ts': "export { x } from '../policy/b.ts';\n" }, /stand left/],
    ['a lazy import to the right', { 'image/a.ts': "const x = await import('../cli/b.ts');\n" }, /left/],
    ['admission that knows policy', { 'admission/a.ts': "import { x } from '../policy/b.ts';\n" }, /left/],
    ['policy that knows admission', { 'policy/a.ts': "import { x } from '../admission/b.ts';\n" }, /left/],
    ['testing in the server', { 'server/a.ts': "import { x } from '../testing/b.ts';\n" }, /closed/],
    ['testing in a command', { 'cli/serve.ts': "import { x } from '../testing/b.ts';\n" }, /closed/],
    ['the front door inside', { 'cli/a.ts': "import { x } from '../index.ts';\n" }, /closed/],
    ['the disk in a pure folder', { 'verify/a.ts': "import { readFileSync } from 'node:fs';\n" }, /node:fs/],
    ['a package for its side effect', { 'verify/a.ts': "import 'undici';\n" }, /undici/],
    ['a package elsewhere', { 'server/a.ts': "import { z } from 'zod/v4';\n" }, /zod/],
    [
      'sockets beside addresses',
      { 'image/a.ts': "import { isIPv4, connect } from 'node:net';\n" },
      /node:net/,
    ],
    [
      'all of a module of which names are allowed',
      { 'image/a.ts': "import * as net from 'node:net';\n" },
      /net/,
    ],
    ['a required package', { 'image/a.ts': "const x = require('undici');\n" }, /undici/],
    ['a clock', { 'verify/a.ts': 'const now = Date.now();\n' }, /Date\.now/],
    ['the other clock', { 'policy/a.ts': 'const now = performance.now();\n' }, /performance/],
    ['a timer', { 'report/a.ts': 'setTimeout(() => {}, 1);\n' }, /setTimeout/],
    ['a clock in decide', { 'decide.ts': 'const now = new Date();\n' }, /new Date/],
    ['the environment', { 'registry/a.ts': 'const proxy = process.env.HTTPS_PROXY;\n' }, /process/],
    ['the environment, taken apart', { 'server/a.ts': 'const { env } = process;\n' }, /process/],
    ['a folder of this and that', { 'image/utils/a.ts': '' }, /says nothing/],
    ['a file of this and that', { 'image/util.ts': '' }, /says nothing/],
    ['a default export', { 'image/a.ts': 'export default function a() {}\n' }, /default/],
    ['a file too long', { 'image/a.ts': '\n'.repeat(250) }, /251 lines/],
    ['a new part', { 'plugins/a.ts': '' }, /no part/],
    ['a new file at the top', { 'tools.ts': '' }, /no part/],
  ] as const) {
    test(name, () => {
      const [first, ...others] = found(files);
      assert.match(first ?? 'nothing', expected);
      assert.deepEqual(others, []);
    });
  }

  test('a file without the SPDX line', () => {
    assert.match(violations(treeOf({ 'image/a.ts': 'export {};\n' }), RULES).join(), /SPDX/);
  });

  test('a circle of imports', () => {
    const circle = found({
      'image/a.ts': "import { b } from './b.ts';\n",
      'image/b.ts': "import { c } from './c.ts';\n",
      'image/c.ts': "import { a } from './a.ts';\n",
    });
    assert.deepEqual(circle, ['import cycle: image/a.ts → image/b.ts → image/c.ts → image/a.ts']);
  });

  test('nothing in what is allowed', () => {
    assert.deepEqual(
      found({
        'image/a.ts': "import { isIPv4 } from 'node:net';\n// Date.now() and process.env in a comment\n",
        'cli/demo/a.ts': "import { x } from '../../testing/index.ts';\n",
        'cli/a.ts': "export const run = () => import('./b.ts');\n",
        'cli/b.ts': "import { run } from './a.ts';\n",
      }),
      [],
    );
  });
});
