// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, lintPolicy, lintPolicyText } from '../../src/policy/index.ts';
import { documentOf, policyOf, readFile } from '../support/policy.ts';

const NOW = Date.parse('2027-02-10T12:00:00Z');

/** `line level path: message` of each finding, without those about unused signers unless asked. */
function lint(body: string, now = NOW): string[] {
  return lintPolicy(policyOf(body), now)
    .filter((one) => !one.message.includes('no rule requires'))
    .map(line);
}

function line({ line: number, level, path, message }: Finding): string {
  return `${number} ${level} ${path}: ${message}`;
}

test('a strict policy has no findings', () => {
  const text = documentOf(
    'rules:\n  - { name: r, images: ["**"], require: { atLeast: 2, of: [a, b, c] } }\n',
  );
  assert.deepEqual(lintPolicyText(text, { source: 's', readFile }, NOW), []);
});

test('every road in is listed, with reason and end', () => {
  const findings = lint(`rules:
  - name: redis
    images: [redis, "reg.io/redis"]
    allow: { reason: "reviewed in SEC-1", until: 2027-12-31 }
  - name: forever
    images: [nginx]
    allow:
      reason: base image
      until: never
  - name: soft
    images: ["reg.io/soft/**"]
    require: a
    mode: warn
  - name: silent
    images: ["reg.io/silent/**"]
    require: a
    mode: audit
    unsafePin: never
  - { name: strict, images: ["reg.io/strict/**"], require: a, mode: enforce, pin: all, tags: forbid }
modes:
  - { namespaces: ["dev-*", sandbox], mode: audit }
  - { namespaces: [stage], mode: warn }
  - { namespaces: [prod], mode: enforce }
`);
  assert.deepEqual(findings, [
    '11 road-in rules[0].allow: rule redis lets in redis, reg.io/redis unverified, through 2027-12-31: reviewed in SEC-1',
    '14 road-in rules[1].allow: rule forever lets in nginx unverified, until: never: base image',
    '20 road-in rules[2].mode: rule soft: mode warn lets in what is not verified, with a warning',
    '24 road-in rules[3].mode: rule silent: mode audit lets in what is not verified, in silence',
    '25 road-in rules[3].unsafePin: rule silent: unsafePin: never, so what runs may differ from what was verified',
    '28 road-in modes[0]: namespaces dev-*, sandbox: mode audit lets in what is not verified, in silence',
    '29 road-in modes[1]: namespaces stage: mode warn lets in what is not verified, with a warning',
  ]);
});

const UNTIL: readonly (readonly [string, string, string | undefined])[] = [
  ['2027-02-09', 'over', 'rule r: the exemption ended with 2027-02-09; what it matches is denied'],
  ['2027-02-10', 'the last day', 'rule r: the exemption ends today'],
  ['2027-02-11', 'tomorrow', 'rule r: the exemption ends tomorrow'],
  ['2027-03-11', '29 days left', 'rule r: the exemption ends with 2027-03-11, in 29 days'],
  ['2027-03-12', 'a month', undefined],
  ['never', 'never', undefined],
];

for (const [until, name, message] of UNTIL) {
  test(`an exemption until ${until}: ${name}`, () => {
    const findings = lint(`rules:\n  - { name: r, images: [x], allow: { reason: y, until: ${until} } }\n`);
    assert.equal(findings.filter((one) => one.includes('road-in')).length, name === 'over' ? 0 : 1);
    assert.deepEqual(
      findings.filter((one) => one.includes('warning')),
      message === undefined ? [] : [`9 warning rules[0].allow: ${message}`],
    );
  });
}

test('signatures.repository that is the own repository of the images', () => {
  const place = (images: string) =>
    lint(`rules:
  - { name: r, images: [${images}], require: a, signatures: { repository: reg.io/web } }
`);
  const message = 'rule r: signatures.repository is the own repository of its images';
  assert.deepEqual(place('"reg.io/web:v1", reg.io/web'), [`9 warning rules[0].signatures: ${message}`]);
  assert.deepEqual(place('reg.io/web, reg.io/api'), []);
  assert.deepEqual(place('"reg.io/**"'), []);
});

test('the exemption ends with the first millisecond after its day', () => {
  const body = 'rules:\n  - { name: r, images: [x], allow: { reason: y, until: 2027-02-28 } }\n';
  const end = Date.parse('2027-03-01T00:00:00Z');
  assert.match(lint(body, end - 1)[1] ?? '', /ends today/);
  assert.match(lint(body, end)[0] ?? '', /ended with 2027-02-28/);
});

test('signers that nobody requires, and keys that are there twice', () => {
  const text = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: x }
signers:
  a: { key: { file: a.pub } }
  same: { key: [{ file: b.pub }, { file: a.pub }] }
  twice: { key: [{ file: c.pub, notAfter: 2028-01-01 }, { file: c.pub, notBefore: 2028-01-01 }] }
  idle: { key: { file: d.pub } }
rules:
  - { name: r, images: ["**"], require: { atLeast: 2, of: [a, { any: [same, twice] }] } }
`;
  const read = (name: string) => readFile(name === 'd.pub' ? 'b.pub' : name);
  assert.deepEqual(lintPolicyText(text, { source: 's', readFile: read }, NOW).map(line), [
    '6 warning signers.same: signer same has the same key as a (a.pub): one signature counts for one of them, so together they cannot satisfy atLeast',
    '7 warning signers.twice: signer twice has the key c.pub twice',
    '8 warning signers.idle: no rule requires signer idle',
    '8 warning signers.idle: signer idle has the same key as same (d.pub): one signature counts for one of them, so together they cannot satisfy atLeast',
  ]);
});

test('key windows that are over, or soon will be', () => {
  const text = (windows: string) => `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: x }
signers: { s: { key: [${windows}] } }
rules: [{ name: r, images: ["**"], require: s }]
`;
  const lintKeys = (windows: string) =>
    lintPolicyText(text(windows), { source: 's', readFile }, NOW).map(line);
  assert.deepEqual(lintKeys('{ file: a.pub, notAfter: 2027-02-09 }'), [
    '4 warning signers.s: every key of signer s is past its notAfter',
  ]);
  assert.deepEqual(lintKeys('{ file: a.pub, notAfter: 2027-02-09 }, { file: b.pub }'), []);
  assert.deepEqual(lintKeys('{ file: a.pub, notAfter: 2027-02-20 }'), [
    '4 warning signers.s: signer s: the key a.pub is trusted until 2027-02-20 only',
  ]);
  assert.deepEqual(lintKeys('{ file: a.pub, notAfter: 2027-04-20 }'), []);
});

/** Rules of which the last is or is not shadowed. */
const SHADOWED: readonly (readonly [string, string, boolean])[] = [
  [
    'the same pattern',
    '{ name: x, images: ["reg.io/a"], require: a }|{ name: y, images: ["reg.io/a"], require: b }',
    true,
  ],
  [
    'everything before',
    '{ name: x, images: ["**"], require: a }|{ name: y, images: ["reg.io/a"], require: b }',
    true,
  ],
  [
    'everything after',
    '{ name: x, images: ["reg.io/a"], require: a }|{ name: y, images: ["**"], require: b }',
    false,
  ],
  [
    'a wider pattern',
    '{ name: x, images: ["reg.io/**"], require: a }|{ name: y, images: ["reg.io/a/*", "reg.io/b"], require: b }',
    true,
  ],
  [
    'one of two',
    '{ name: x, images: ["reg.io/a"], require: a }|{ name: y, images: ["reg.io/a", "reg.io/b"], require: b }',
    false,
  ],
  [
    'two earlier ones together',
    '{ name: x, images: ["reg.io/a"], require: a }|{ name: z, images: ["reg.io/b"], require: a }|{ name: y, images: ["reg.io/a", "reg.io/b"], require: b }',
    true,
  ],
  [
    'an except before',
    '{ name: x, images: ["**"], except: ["reg.io/a"], require: a }|{ name: y, images: ["reg.io/a"], require: b }',
    false,
  ],
  [
    'namespaces before',
    '{ name: x, images: ["**"], namespaces: [p], require: a }|{ name: y, images: ["reg.io/a"], require: b }',
    false,
  ],
  [
    'namespaces in both',
    '{ name: x, images: ["**"], namespaces: ["p-*"], require: a }|{ name: y, images: ["reg.io/a"], namespaces: [p-1], require: b }',
    true,
  ],
  [
    'namespaces after',
    '{ name: x, images: ["**"], require: a }|{ name: y, images: ["reg.io/a"], namespaces: [p-1], require: b }',
    true,
  ],
  [
    'labels before',
    '{ name: x, images: ["**"], namespaceLabels: { a: b }, require: a }|{ name: y, images: ["reg.io/a"], require: b }',
    false,
  ],
  [
    'the same labels',
    '{ name: x, images: ["**"], namespaceLabels: { a: b }, require: a }|{ name: y, images: ["reg.io/a"], namespaceLabels: { a: b, c: d }, require: b }',
    true,
  ],
  [
    'a tag before',
    '{ name: x, images: ["reg.io/a:1"], allow: { reason: q, until: never } }|{ name: y, images: ["reg.io/a"], require: b }',
    false,
  ],
  ['its own except', '{ name: y, images: ["reg.io/a"], except: ["reg.io/**"], require: a }', true],
];

for (const [name, rules, shadowed] of SHADOWED) {
  test(`a rule that can never decide: ${name}: ${shadowed}`, () => {
    const body = `rules:\n${rules
      .split('|')
      .map((rule) => `  - ${rule}\n`)
      .join('')}`;
    const found = lint(body).filter((one) => /rule y never (decides|matches)/.test(one));
    assert.equal(found.length, shadowed ? 1 : 0);
    assert.equal(lint(body).filter((one) => /never (decides|matches)/.test(one)).length, found.length);
  });
}

test('a tag in a rule is no fence: who writes a digest alone falls to the next', () => {
  const tagged = 'rules:\n  - { name: t, images: ["reg.io/a:v*"], require: { all: [a, b] } }\n';
  assert.deepEqual(lint(tagged), []);
  assert.deepEqual(lint(`${tagged}  - { name: n, images: ["reg.io/**"], require: a }\n`), [
    '9 warning rules[0].images: rule t names tags, which never match an image named by digest alone: n decides about those',
  ]);
});

test('a name twice in one list, an exemption of everything, modes that never apply', () => {
  assert.deepEqual(lint('rules:\n  - { name: r, images: [x], require: { any: [a, { all: [b, b] }] } }\n'), [
    '9 warning rules[0].require: rule r names signer b twice in one list; it counts once',
  ]);
  const open = lint('rules:\n  - { name: r, images: ["**"], allow: { reason: x, until: never } }\n');
  assert.ok(open.includes('9 warning rules[0].allow: rule r lets in images of every registry unverified'));
  const modes = lint(
    'rules: [{ name: r, images: [x], require: a }]\nmodes:\n  - { namespaces: ["p-*"], mode: enforce }\n  - { namespaces: [p-1], mode: enforce }\n',
  );
  assert.deepEqual(modes, ['11 warning modes[1]: modes for p-1 never apply: earlier entries match them']);
});

test('a document that is not valid has its issues as errors', () => {
  const findings = lintPolicyText(documentOf('rules: []\nrulez: 1\n'), { source: 'p.yaml', readFile }, NOW);
  assert.deepEqual(
    findings.map(({ level, file, line, path }) => [level, file, line, path]),
    [
      ['error', 'p.yaml', 8, 'rules'],
      ['error', 'p.yaml', 9, 'rulez'],
    ],
  );
});

test('what the choice between tag and digest gets around', () => {
  const lintRule = (rule: string) =>
    lintPolicyText(
      `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: x }
signers: { s: { key: { file: a.pub } } }
rules: [${rule}]
`,
      { source: 's', readFile },
      NOW,
    ).map(({ level, path, message }) => `${level} ${path} ${message}`);
  const digest = `sha256:${'d'.repeat(64)}`;
  assert.deepEqual(lintRule('{ name: r, images: ["reg.io/a"], except: ["reg.io/a:debug"], require: s }'), [
    'warning rules[0].except the except of rule r names tags: an image named by digest alone stays in the rule',
  ]);
  assert.deepEqual(lintRule(`{ name: r, images: ["reg.io/a@${digest}"], require: s }`), [
    "warning rules[0].images rule r names digests: an image named by tag alone is out of the rule's reach",
  ]);
  assert.deepEqual(lintRule('{ name: r, images: ["reg.io/a"], except: ["reg.io/a/b"], require: s }'), []);
});
