// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { POD_KINDS } from '../src/admission/index.ts';
import { loadPolicies, parseConfig } from '../src/config/index.ts';
import { CODES, compilePolicies } from '../src/index.ts';
import { lintPolicy } from '../src/policy/index.ts';
import { createTestCertificate, createTestKey } from '../src/testing/index.ts';
import { type AcmeStage, startAcme } from './support/acme.ts';
import { folderOf, runCommand } from './support/command.ts';
import { anchorsOf, blocksOf, commandsIn, linksIn, pages, ROOT } from './support/pages.ts';
import { normalise, playTranscript } from './support/transcript.ts';

const PAGES = pages();

test('errors.md has a heading for each code, with the class, meaning and hint of errors.ts, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/errors.md'), 'utf8');
  const documented = page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...rest] = section.trim().split('\n');
      return [code, rest.join('\n').trim()] as const;
    });
  const written = Object.entries(CODES).map(([code, { class: kind, meaning, hint }]) => [
    code,
    [`_${kind}._ ${meaning}`, ...(hint === '' ? [] : [`Hint: ${hint}`])].join('\n\n'),
  ]);
  assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(written));
  assert.equal(documented.length, written.length, 'no code has two headings');
});

describe('documents shown', () => {
  const { publicKeyPem } = createTestKey('ecdsa-p256');
  const { certificate, privateKey } = createTestCertificate();
  const readFile = (name: string) => (name.endsWith('key.pem') ? privateKey : certificate);
  const all = PAGES.flatMap(({ name, text }) =>
    blocksOf(text)
      .filter(({ info, body }) => info === 'yaml' && body.startsWith('apiVersion: countersign.dev/'))
      .map(({ body, line }) => ({ place: `${name}:${line}`, body })),
  );

  const examples = readdirSync(join(ROOT, 'examples/policies')).filter((name) => name.endsWith('.yaml'));

  test('are there', () => assert.ok(all.length >= 7 && examples.length >= 4));

  for (const { place, body } of all) {
    test(`${place} is valid`, () => {
      if (body.includes('kind: Config')) parseConfig(body, { source: place, readFile });
      else compilePolicies(body, { source: place, readFile: () => publicKeyPem });
    });
  }

  for (const name of examples) {
    test(`examples/policies/${name} loads, and lints without an error`, () => {
      const policies = loadPolicies([join(ROOT, 'examples/policies', name)]);
      const now = Date.UTC(2026, 10, 22);
      const findings = policies.flatMap((policy) => lintPolicy(policy, now));
      assert.deepEqual(
        findings.filter(({ level }) => level === 'error'),
        [],
      );
    });
  }
});

describe('commands shown', () => {
  const fromHints = Object.entries(CODES).map(([code, { hint }]) => ({
    place: `the hint of ${code}`,
    text: `\`${/countersign .*$/.exec(hint)?.[0] ?? ''}\``,
  }));
  const commands = [...PAGES.map(({ name, text }) => ({ place: name, text })), ...fromHints].flatMap(
    ({ place, text }) => commandsIn(text).map((words) => ({ place, words })),
  );
  const helps = new Map<string, string>();
  const helpOf = async (path: readonly string[]) => {
    const key = path.join(' ');
    const known = helps.get(key);
    if (known !== undefined) return known;
    const { exit, stdout } = await runCommand([...path, '--help']);
    helps.set(key, exit === 0 ? stdout : '');
    return helps.get(key) ?? '';
  };

  for (const { place, words } of commands) {
    const shown = words.join(' ');
    test(`${place}: countersign ${shown}`, async () => {
      for (const path of pathsOf(words)) {
        const help = await helpOf(path);
        assert.match(help, /^Usage: countersign /);
        for (const option of words.filter((word) => /^--?[a-z]/.test(word)))
          assert.match(help, new RegExp(`(?:^|\\s)${option}[\\s,]`, 'm'));
      }
    });
  }

  test('are found', () => assert.ok(commands.length > 25));

  test('npm scripts shown exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    for (const { name, text } of PAGES) {
      for (const [, script = ''] of text.matchAll(/npm run (?:-s )?([a-z0-9:]+)/g))
        assert.ok(script in scripts, `${name}: npm run ${script}`);
    }
  });
});

describe('transcripts', () => {
  let stage: AcmeStage;
  const home = process.cwd();
  before(async () => {
    stage = await startAcme();
    process.chdir(stage.folder.path('.'));
  });
  after(async () => {
    process.chdir(home);
    await stage.close();
  });

  const transcripts = PAGES.flatMap(({ name, text }) =>
    blocksOf(text)
      .filter(({ info }) => info === 'console')
      .map(({ body, line }) => ({ place: `${name}:${line}`, body })),
  );

  test('are there', () => assert.ok(transcripts.length >= 6));

  for (const { place, body } of transcripts) {
    test(`${place} is what happens`, async () => {
      assert.equal(normalise(await playTranscript(body, stage)), normalise(body));
    });
  }
});

describe('programs shown', () => {
  let stage: AcmeStage;
  before(async () => {
    stage = await startAcme();
  });
  after(() => stage.close());
  const sources: Record<string, string> = {
    countersign: 'index.ts',
    'countersign/testing': 'testing/index.ts',
  };
  const programs = PAGES.flatMap(({ name, text }) =>
    blocksOf(text)
      .filter(({ info }) => info === 'ts')
      .map(({ body, line }) => ({ place: `${name}:${line}`, body })),
  );

  test('are there', () => assert.ok(programs.length >= 2));

  for (const { place, body } of programs) {
    test(`${place} runs, and does what it says`, async () => {
      const text = stage.here(body).replaceAll(/from '(countersign[a-z/]*)'/g, (_, path: string) => {
        const source = sources[path];
        assert.ok(source, `${path} is an import path`);
        return `from '${pathToFileURL(join(ROOT, 'src', source))}'`;
      });
      const folder = folderOf({ 'program.ts': text });
      try {
        const { NODE_TEST_CONTEXT, ...env } = process.env;
        const options = { cwd: stage.folder.path('.'), env, timeout: 100_000 };
        await promisify(execFile)(process.execPath, [folder.path('program.ts')], options);
      } finally {
        folder.close();
      }
    });
  }
});

/** `policy lint|explain` names two commands, and so would `trust show|update`; an option alone belongs to the program. */
function pathsOf([first = '', second = '']: readonly string[]): string[][] {
  if (first.startsWith('-')) return [[]];
  return (first === 'policy' || first === 'trust') && second !== ''
    ? second.split('|').map((one) => [first, one])
    : [[first]];
}

test('every relative link leads somewhere', () => {
  const broken = PAGES.flatMap(({ name, text }) =>
    linksIn(text)
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? join(ROOT, name) : resolve(dirname(join(ROOT, name)), path);
        if (!existsSync(target)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
      })
      .map((link) => `${name}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('the webhook shown asks for every kind that holds Pods', () => {
  const page = readFileSync(join(ROOT, 'docs/how-to/run-the-server.md'), 'utf8');
  const shown = [...page.matchAll(/resources: \[(.*)\]/g)].flatMap(([, list = '']) => list.split(', '));
  const known = POD_KINDS.map(({ resource }) => resource);
  assert.deepEqual(shown.sort(), [...known, 'pods/ephemeralcontainers'].sort());
});

test('test files that pages name exist', () => {
  const missing = PAGES.flatMap(({ name, text }) =>
    [...text.matchAll(/`((?:src|test|docs|examples|bench|scripts|\.ci)\/[^`\s*{]*)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `${name}: ${path}`),
  );
  assert.deepEqual(missing, []);
});

test('the README has the two commands, word for word, and fits on a screen', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  assert.match(readme, /^npm ci && npm run demo$/m);
  assert.match(readme, /^npm ci && npm test$/m);
  assert.ok(readme.split('\n').length <= 70);
});
