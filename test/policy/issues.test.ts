// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { BODY_LINE, documentOf, issuesOf, KEY_FILES, makeKey, readFile } from '../support/policy.ts';

type Row = readonly [name: string, body: string, line: number, column: number, path: string, message: RegExp];

const rule = (keys: string) =>
  `rules:\n  - name: r\n    images: ["**"]\n${keys.replace(/^(?=.)/gm, '    ')}\n`;
const L = BODY_LINE;

/** Each one mistake below the signers a, b, c; lines count from the top of the document. */
const BODIES: readonly Row[] = [
  [
    'unknown key on top',
    `${rule('require: a')}rulez: []`,
    L + 4,
    1,
    'rulez',
    /unknown key "rulez" \(did you mean "rules"\? allowed: apiVersion, /,
  ],
  ['two letters swapped', `${rule('require: a')}ruels: []`, L + 4, 1, 'ruels', /did you mean "rules"\?/],
  ['no rules', 'modes: [{ namespaces: [x], mode: warn }]', 1, 1, 'rules', /missing \(allowed: a list\)/],
  ['empty rules', 'rules: []', L, 8, 'rules', /empty list/],
  ['rules are a mapping', 'rules: { a: b }', L, 8, 'rules', /found a mapping \(allowed: a list\)/],
  ['rules are nothing', 'rules:', L, 7, 'rules', /found nothing \(allowed: a list\)/],
  [
    'unknown key of a rule',
    rule('require: a\nexept: [x]'),
    L + 4,
    5,
    'rules[0].exept',
    /did you mean "except"\?/,
  ],
  [
    'rule without a name',
    'rules:\n  - images: ["**"]\n    require: a',
    L + 1,
    5,
    'rules[0].name',
    /missing \(allowed: a text\)/,
  ],
  [
    'name with a space',
    'rules: [{ name: a b, images: ["**"], require: a }]',
    L,
    17,
    'rules[0].name',
    /found "a b": a name has/,
  ],
  [
    'name of 64 characters',
    `rules: [{ name: ${'a'.repeat(64)}, images: ["**"], require: a }]`,
    L,
    17,
    'rules[0].name',
    /63/,
  ],
  [
    'name that is a number',
    'rules: [{ name: 7, images: ["**"], require: a }]',
    L,
    17,
    'rules[0].name',
    /found the number 7 \(allowed: a text, in quotes\)/,
  ],
  [
    'name with control characters',
    'rules: [{ name: "a\\nb", images: ["**"], require: a }]',
    L,
    17,
    'rules[0].name',
    /found "a\\nb"/,
  ],
  [
    'two rules of one name',
    'rules:\n  - { name: r, images: [x], require: a }\n  - { name: r, images: [y], require: a }',
    L + 2,
    13,
    'rules[1].name',
    /named "r" is there already: rules\[0\]/,
  ],
  ['no images', 'rules: [{ name: r, require: a }]', L, 9, 'rules[0].images', /missing/],
  ['empty images', 'rules: [{ name: r, images: [], require: a }]', L, 28, 'rules[0].images', /empty list/],
  [
    'images are text',
    'rules: [{ name: r, images: "**", require: a }]',
    L,
    28,
    'rules[0].images',
    /found "\*\*" \(allowed: a list\)/,
  ],
  [
    'bad pattern',
    'rules: [{ name: r, images: [x, "*/y"], require: a }]',
    L,
    32,
    'rules[0].images[1]',
    /pattern "\*\/y": a pattern starts with a registry/,
  ],
  ['bad except', rule('except: [ghcr.io]\nrequire: a'), L + 3, 14, 'rules[0].except[0]', /ghcr\.io\/\*\*/],
  ['empty except', rule('except: []\nrequire: a'), L + 3, 13, 'rules[0].except', /empty list/],
  [
    'neither require nor allow',
    rule('mode: warn'),
    L + 1,
    5,
    'rules[0]',
    /needs require, attestations, or allow/,
  ],
  [
    'require and allow',
    rule('require: a\nallow: { reason: x, until: never }'),
    L + 4,
    5,
    'rules[0].allow',
    /not both/,
  ],
  [
    'unknown signer',
    rule('require: release'),
    L + 3,
    14,
    'rules[0].require',
    /unknown signer "release" \(allowed: a, b, c\)/,
  ],
  [
    'unknown signer inside',
    rule('require:\n  any:\n    - a\n    - all: [b, d]'),
    L + 6,
    20,
    'rules[0].require.any[1].all[1]',
    /unknown signer "d"/,
  ],
  [
    'require is nothing',
    rule('require:'),
    L + 3,
    13,
    'rules[0].require',
    /found nothing \(allowed: the name of a signer/,
  ],
  ['require is a list', rule('require: [a]'), L + 3, 14, 'rules[0].require', /found a list/],
  ['require is empty', rule('require: {}'), L + 3, 14, 'rules[0].require', /found an empty mapping/],
  [
    'require with a typo',
    rule('require: { ayn: [a] }'),
    L + 3,
    14,
    'rules[0].require',
    /found a mapping with "ayn"/,
  ],
  [
    'any and all',
    rule('require: { any: [a], all: [b] }'),
    L + 3,
    26,
    'rules[0].require.all',
    /unknown key "all" \(did you mean "any"\?|unknown key "all" \(allowed: any/,
  ],
  ['any of nothing', rule('require: { any: [] }'), L + 3, 21, 'rules[0].require.any', /empty list/],
  ['all of nothing', rule('require: { all: [] }'), L + 3, 21, 'rules[0].require.all', /empty list/],
  [
    'atLeast of nothing',
    rule('require: { atLeast: 1, of: [] }'),
    L + 3,
    32,
    'rules[0].require.of',
    /empty list/,
  ],
  ['atLeast without of', rule('require: { atLeast: 2 }'), L + 3, 14, 'rules[0].require.of', /missing/],
  [
    'of without atLeast',
    rule('require: { of: [a] }'),
    L + 3,
    14,
    'rules[0].require.atLeast',
    /missing \(allowed: a/,
  ],
  [
    'atLeast 0',
    rule('require: { atLeast: 0, of: [a] }'),
    L + 3,
    25,
    'rules[0].require.atLeast',
    /at least 1/,
  ],
  [
    'atLeast -1',
    rule('require: { atLeast: -1, of: [a] }'),
    L + 3,
    25,
    'rules[0].require.atLeast',
    /at least 1/,
  ],
  [
    'atLeast 1.5',
    rule('require: { atLeast: 1.5, of: [a, b] }'),
    L + 3,
    25,
    'rules[0].require.atLeast',
    /found the number 1.5 \(allowed: a whole number/,
  ],
  [
    'atLeast as text',
    rule('require: { atLeast: "1", of: [a, b] }'),
    L + 3,
    25,
    'rules[0].require.atLeast',
    /found "1" \(allowed: a number/,
  ],
  [
    'atLeast .inf',
    rule('require: { atLeast: .inf, of: [a, b] }'),
    L + 3,
    25,
    'rules[0].require.atLeast',
    /found|at/,
  ],
  [
    'atLeast more than there are',
    rule('require: { atLeast: 3, of: [a, b] }'),
    L + 3,
    25,
    'rules[0].require.atLeast',
    /3 of 2 different/,
  ],
  [
    'atLeast more than different ones',
    rule('require: { atLeast: 2, of: [a, a] }'),
    L + 3,
    25,
    'rules[0].require.atLeast',
    /2 of 1 different/,
  ],
  ['allow without reason', rule('allow: { until: never }'), L + 3, 12, 'rules[0].allow.reason', /missing/],
  [
    'allow with an empty reason',
    rule('allow: { reason: " ", until: never }'),
    L + 3,
    22,
    'rules[0].allow.reason',
    /say why/,
  ],
  [
    'allow without until',
    rule('allow: { reason: x }'),
    L + 3,
    12,
    'rules[0].allow.until',
    /missing \(allowed: a day such as 2027-03-01, or never\)/,
  ],
  [
    'until of no calendar',
    rule('allow: { reason: x, until: 2027-02-30 }'),
    L + 3,
    32,
    'rules[0].allow.until',
    /found "2027-02-30": not a day that exists/,
  ],
  [
    'until forever',
    rule('allow: { reason: x, until: forever }'),
    L + 3,
    32,
    'rules[0].allow.until',
    /the word never/,
  ],
  [
    'until an hour',
    rule('allow: { reason: x, until: 2027-02-20T10:00:00Z }'),
    L + 3,
    32,
    'rules[0].allow.until',
    /not a day/,
  ],
  [
    'until a number',
    rule('allow: { reason: x, until: 20270301 }'),
    L + 3,
    32,
    'rules[0].allow.until',
    /found the number 20270301/,
  ],
  ['until nothing', rule('allow: { reason: x, until: }'), L + 3, 32, 'rules[0].allow.until', /found nothing/],
  [
    'allow with a typo',
    rule('allow: { reason: x, untill: never, until: never }'),
    L + 3,
    25,
    'rules[0].allow.untill',
    /did you mean "until"\?/,
  ],
  [
    'pin beside allow',
    rule('allow: { reason: x, until: never }\npin: pods'),
    L + 4,
    5,
    'rules[0].pin',
    /does nothing beside allow/,
  ],
  [
    'unsafePin beside allow',
    rule('allow: { reason: x, until: never }\nunsafePin: never'),
    L + 4,
    5,
    'rules[0].unsafePin',
    /does nothing beside allow/,
  ],
  [
    'pin and unsafePin',
    rule('require: a\npin: all\nunsafePin: never'),
    L + 5,
    5,
    'rules[0].unsafePin',
    /contradict/,
  ],
  [
    'pin: never',
    rule('require: a\npin: never'),
    L + 4,
    10,
    'rules[0].pin',
    /found "never" \(allowed: pods, all\)/,
  ],
  [
    'unsafePin: true',
    rule('require: a\nunsafePin: true'),
    L + 4,
    16,
    'rules[0].unsafePin',
    /found the boolean true \(allowed: never\)/,
  ],
  ['tags: allow', rule('require: a\ntags: allow'), L + 4, 11, 'rules[0].tags', /allowed: forbid/],
  [
    'mode with a typo',
    rule('require: a\nmode: enforced'),
    L + 4,
    11,
    'rules[0].mode',
    /did you mean "enforce"\? allowed: enforce, warn, audit/,
  ],
  [
    'namespace in upper case',
    rule('require: a\nnamespaces: [Prod]'),
    L + 4,
    18,
    'rules[0].namespaces[0]',
    /name of a Namespace/,
  ],
  [
    'namespace with **',
    rule('require: a\nnamespaces: ["**"]'),
    L + 4,
    18,
    'rules[0].namespaces[0]',
    /one \*/,
  ],
  ['namespaces empty', rule('require: a\nnamespaces: []'), L + 4, 17, 'rules[0].namespaces', /empty list/],
  [
    'namespace labels empty',
    rule('require: a\nnamespaceLabels: {}'),
    L + 4,
    22,
    'rules[0].namespaceLabels',
    /empty/,
  ],
  [
    'namespace label that is none',
    rule('require: a\nnamespaceLabels: { "a b": c }'),
    L + 4,
    24,
    'rules[0].namespaceLabels["a b"]',
    /key of a Kubernetes label/,
  ],
  [
    'namespace label with a number',
    rule('require: a\nnamespaceLabels: { a: 1 }'),
    L + 4,
    27,
    'rules[0].namespaceLabels.a',
    /in quotes/,
  ],
  [
    'namespace label with a space',
    rule('require: a\nnamespaceLabels: { a: "b c" }'),
    L + 4,
    27,
    'rules[0].namespaceLabels.a',
    /value of a Kubernetes label/,
  ],
  [
    'modes without mode',
    `${rule('require: a')}modes: [{ namespaces: [x] }]`,
    L + 4,
    9,
    'modes[0].mode',
    /missing \(allowed: enforce, warn, audit\)/,
  ],
  [
    'modes without namespaces',
    `${rule('require: a')}modes: [{ mode: audit }]`,
    L + 4,
    9,
    'modes[0].namespaces',
    /missing/,
  ],
  ['empty modes', `${rule('require: a')}modes: []`, L + 4, 8, 'modes', /empty list/],
  [
    'mode off',
    `${rule('require: a')}modes: [{ namespaces: [x], mode: off }]`,
    L + 4,
    34,
    'modes[0].mode',
    /found "off"/,
  ],
  [
    'platforms beside allow',
    rule('allow: { reason: x, until: never }\nplatforms: every'),
    L + 4,
    5,
    'rules[0].platforms',
    /does nothing beside allow/,
  ],
  [
    'platforms: all',
    rule('require: a\nplatforms: all'),
    L + 4,
    16,
    'rules[0].platforms',
    /found "all" \(allowed: index, every\)/,
  ],
  [
    'signatures: nothing',
    rule('require: a\nsignatures: {}'),
    L + 4,
    5,
    'rules[0].signatures',
    /empty mapping/,
  ],
  [
    'signatures beside allow',
    rule('allow: { reason: x, until: never }\nsignatures: { tagPrefix: p }'),
    L + 4,
    5,
    'rules[0].signatures',
    /does nothing beside allow/,
  ],
  [
    'signatures: an unknown key',
    rule('require: a\nsignatures: { repo: reg.io/sigs, tagPrefix: p }'),
    L + 4,
    19,
    'rules[0].signatures.repo',
    /unknown key "repo" \(allowed: repository, tagPrefix\)/,
  ],
  ...(
    [
      ['reg.io/sigs:v1', /without a tag/],
      [`reg.io/sigs@sha256:${'a'.repeat(64)}`, /without a digest/],
      ['reg.io', /without a repository/],
      ['reg.io:5000', /without a repository/],
      ['localhost', /without a repository/],
      ['https://reg.io/sigs', /no scheme/],
      ['reg.io/Sigs', /lower case/],
      ['reg.io/sigs/', /empty component/],
      ['reg.io/*', /not a repository component/],
      ['', /empty/],
    ] as const
  ).map(
    ([repository, message]): Row => [
      `signatures in "${repository}"`,
      rule(`require: a\nsignatures: { repository: "${repository}" }`),
      L + 4,
      31,
      'rules[0].signatures.repository',
      message,
    ],
  ),
  ...['', '.p', '-p', 'a/b', 'a:b', 'ä', 'a b', 'p'.repeat(54)].map(
    (prefix): Row => [
      `tagPrefix "${prefix}"`,
      rule(`require: a\nsignatures: { tagPrefix: "${prefix}" }`),
      L + 4,
      30,
      'rules[0].signatures.tagPrefix',
      /1 to 53 letters/,
    ],
  ),
  // joins the schema with the issue that makes it work
  ...['grace: 1h'].map(
    (line): Row => [
      `not yet: ${line}`,
      rule(`require: a\n${line}`),
      L + 4,
      5,
      `rules[0].${line.replace(/:.*/, '')}`,
      /unknown key/,
    ],
  ),
];

for (const [name, body, line, column, path, message] of BODIES) {
  test(name, () => {
    const issues = issuesOf(documentOf(body));
    assert.deepEqual(
      issues.map((issue) => [issue.line, issue.column, issue.path]),
      [[line, column, path]],
      JSON.stringify(issues, null, 1),
    );
    assert.match(issues[0]?.message ?? '', message);
    assert.equal(issues[0]?.file, 'policy.yaml');
  });
}

const signerDocument = (signer: string) => `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: x }
signers:
  s:
${signer.replace(/^(?=.)/gm, '    ')}
rules: [{ name: r, images: ["**"], require: s }]
`;

/** Each one mistake in a signer, whose first line is line 6. */
const SIGNERS: readonly Row[] = [
  [
    'unknown key of a signer',
    'key: { file: a.pub }\nkeyy: 1',
    7,
    5,
    'signers.s.keyy',
    /did you mean "key"\?/,
  ],
  ['signer without key', 'annotations: { a: b }', 6, 5, 'signers.s', /a signer needs key, or keyless/],
  ['signer is text', 'a.pub', 6, 5, 'signers.s', /found "a.pub" \(allowed: a mapping\)/],
  [
    'key is text',
    'key: a.pub',
    6,
    10,
    'signers.s.key',
    /found "a.pub" \(allowed: a key, or a list of keys\)/,
  ],
  ['no keys', 'key: []', 6, 10, 'signers.s.key', /empty list/],
  ['key of nothing', 'key: {}', 6, 10, 'signers.s.key', /needs file, or pem/],
  ['key in a list of nothing', 'key: [{ file: a.pub }, {}]', 6, 28, 'signers.s.key[1]', /needs file, or pem/],
  ['key in a list is text', 'key: [a.pub]', 6, 11, 'signers.s.key[0]', /allowed: a mapping/],
  ['file and pem', 'key: { file: a.pub, pem: x }', 6, 10, 'signers.s.key', /not both/],
  [
    'file that is not there',
    'key: { file: nope.pub }',
    6,
    18,
    'signers.s.key.file',
    /cannot read "nope.pub": no such file/,
  ],
  ['empty file name', 'key: { file: "" }', 6, 18, 'signers.s.key.file', /name a file/],
  ['file name that is a number', 'key: { file: 7 }', 6, 18, 'signers.s.key.file', /found the number 7/],
  [
    'file with a private key',
    'key: { file: private.key }',
    6,
    18,
    'signers.s.key.file',
    /"private.key": this is a private key/,
  ],
  ['pem that is none', 'key: { pem: hello }', 6, 17, 'signers.s.key.pem', /not PEM/],
  [
    'unknown hash',
    'key: { file: a.pub, hash: sha1 }',
    6,
    31,
    'signers.s.key.hash',
    /allowed: sha224, sha256, sha384, sha512/,
  ],
  [
    'hash of Ed25519',
    'key: { file: ed25519.pub, hash: sha256 }',
    6,
    37,
    'signers.s.key.hash',
    /no hash but sha512/,
  ],
  [
    'unknown key of a key',
    'key: { file: a.pub, notafter: 2027-01-01 }',
    6,
    25,
    'signers.s.key.notafter',
    /did you mean "notAfter"\?/,
  ],
  [
    'notBefore of no calendar',
    'key: { file: a.pub, notBefore: 2027-02-30 }',
    6,
    36,
    'signers.s.key.notBefore',
    /that exists/,
  ],
  [
    'notAfter without a zone',
    'key: { file: a.pub, notAfter: 2027-02-20T10:00:00 }',
    6,
    35,
    'signers.s.key.notAfter',
    /RFC 3339/,
  ],
  [
    'window the wrong way',
    'key: { file: a.pub, notBefore: 2027-02-20, notAfter: 2027-02-19 }',
    6,
    58,
    'signers.s.key.notAfter',
    /never be trusted/,
  ],
  [
    'window of no length',
    'key: { file: a.pub, notBefore: 2027-02-20T00:00:00Z, notAfter: 2027-02-20T00:00:00Z }',
    6,
    68,
    'signers.s.key.notAfter',
    /never be trusted/,
  ],
  [
    'annotation with a number',
    'key: { file: a.pub }\nannotations: { build: 1.10 }',
    7,
    27,
    'signers.s.annotations.build',
    /in quotes/,
  ],
  [
    'annotation without a name',
    'key: { file: a.pub }\nannotations: { "": x }',
    7,
    20,
    'signers.s.annotations[""]',
    /empty name/,
  ],
  [
    'signedIdentity: digest',
    'key: { file: a.pub }\nsignedIdentity: digest',
    7,
    21,
    'signers.s.signedIdentity',
    /allowed: repository/,
  ],
  ...['secret: {}', 'kms: x'].map(
    (line): Row => [
      `not yet: ${line}`,
      `key: { file: a.pub, ${line} }`,
      6,
      25,
      `signers.s.key.${line.replace(/:.*/, '')}`,
      /unknown key/,
    ],
  ),
];

const FILES: Readonly<Record<string, string>> = {
  ...KEY_FILES,
  'private.key': makeKey().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  'ed25519.pub': generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

for (const [name, signer, line, column, path, message] of SIGNERS) {
  test(name, () => {
    const issues = issuesOf(signerDocument(signer), (file) => FILES[file] ?? readFile(file));
    assert.deepEqual(
      issues.map((issue) => [issue.line, issue.column, issue.path]),
      [[line, column, path]],
      JSON.stringify(issues, null, 1),
    );
    assert.match(issues[0]?.message ?? '', message);
  });
}

test('sha512 may be said of an Ed25519 key', () => {
  assert.deepEqual(
    issuesOf(signerDocument('key: { file: ed25519.pub, hash: sha512 }'), (file) => FILES[file] ?? ''),
    [],
  );
});

const TOP =
  'apiVersion: countersign.dev/v1\nkind: TrustPolicy\nmetadata: { name: x }\nrules: [{ name: r, images: ["**"], allow: { reason: x, until: never } }]\n';

test('of a document with broken syntax the first error is told, of all others every one', () => {
  assert.equal(issuesOf(`${TOP}a: [\nb: {\nc: "\n`).length, 1);
  assert.equal(issuesOf(`${TOP}kind: TrustPolicy\nkind: TrustPolicy\n`).length, 2);
});

/** Whole texts: each with the line of its first issue. */
const TEXTS: readonly (readonly [string, string, number, RegExp])[] = [
  ['empty', '', 1, /the file is empty/],
  ['comments only', '# nothing\n', 1, /the file is empty/],
  ['empty documents only', '---\n---\n', 1, /the file is empty/],
  ['null', 'null\n', 1, /found nothing/],
  ['a list', '- a\n', 1, /found a list \(allowed: a mapping\)/],
  ['text', 'hello\n', 1, /found "hello"/],
  [
    'a Config',
    TOP.replace('kind: TrustPolicy', 'kind: Config'),
    2,
    /found "Config" \(allowed: TrustPolicy\)/,
  ],
  ['another version', TOP.replace('v1', 'v2'), 1, /allowed: countersign.dev\/v1/],
  ['metadata with labels', TOP.replace('name: x }', 'name: x, labels: {} }'), 3, /unknown key "labels"/],
  ['signer with a bad name', `${TOP}signers:\n  "a b": { key: { pem: x } }\n`, 6, /"a b": a name has/],
  ['broken YAML', `${TOP}  x: [\n`, 5, /./],
  ['unclosed quote', `${TOP}modes: "\n`, 6, /quote/],
  ['tab', `${TOP}modes:\n\t- x\n`, 6, /[Tt]ab/],
  ['duplicate key', `${TOP}kind: TrustPolicy\n`, 5, /unique/],
  ['duplicate signer', `${TOP}signers:\n  a: 1\n  a: 2\n`, 7, /unique/],
  ['unknown tag', TOP.replace('name: x', 'name: !!js/function x'), 3, /tag/],
  ['binary tag', TOP.replace('name: x', 'name: !!binary eA=='), 3, /tag/],
  [
    'merge key',
    `base: &b { a: 1 }\n${TOP}modes: [{ <<: *b, mode: warn, namespaces: [x] }]\n`,
    1,
    /unknown key "base"/,
  ],
  ['key that is a list', `? [a]\n: b\n${TOP}`, 1, /keys must be strings/],
  ['key that is a number', `${TOP}7: x\n`, 5, /string|unknown key/],
  ['__proto__', `${TOP}__proto__: { kind: x }\n`, 5, /__proto__ is not allowed/],
  [
    '__proto__ as a signer',
    `${TOP}signers:\n  __proto__: { key: { pem: x } }\n`,
    6,
    /__proto__ is not allowed/,
  ],
  ['constructor as a signer', `${TOP}signers:\n  constructor: 1\n`, 6, /found the number 1/],
  ['unknown alias', `${TOP}modes: *nothing\n`, 1, /[Uu]nresolved alias/],
  [
    'alias bomb',
    'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d]\n',
    1,
    /alias/,
  ],
  ['an alias to itself', 'a: &a [*a]\n', 1, /alias|nested|found|unknown|missing/i],
  ['nested a hundred deep', `${TOP}modes: ${'['.repeat(100)}${']'.repeat(100)}\n`, 1, /nested too deep/],
  ['nested a hundred thousand deep', '['.repeat(100_000), 1, /nested too deep/],
  ['mappings nested deep', '{a: '.repeat(50_000), 1, /nested too deep/],
  [
    'lists nested deep, in lines',
    Array.from({ length: 1200 }, (_, i) => `${' '.repeat(i)}-`).join('\n'),
    1,
    /nested too deep|found a list/,
  ],
];

for (const [name, text, line, message] of TEXTS) {
  test(`text: ${name}`, () => {
    const started = performance.now();
    const [first] = issuesOf(text);
    assert.equal(first?.line, line, JSON.stringify(first));
    assert.match(first?.message ?? '', message);
    assert.ok(performance.now() - started < 60_000);
  });
}

test('every error at once, in the order of the file', () => {
  const issues = issuesOf(`apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: {}
signers:
  a: { key: { file: nope.pub } }
  b: { key: { pem: x, hash: md5 }, annotation: {} }
rules:
  - name: one
    images: ["ghcr.io", "reg.io/**"]
    require: { any: [a, bb, { atLeast: 3, of: [a, b] }] }
    mode: audti
  - name: one
    image: [x]
    allow: { until: 2027-02-30 }
    pin: all
modes:
  - { namespaces: [DEV], mode: audit }
`);
  assert.deepEqual(
    issues.map(({ line, path }) => `${line} ${path}`),
    [
      '3 metadata.name',
      '5 signers.a.key.file',
      '6 signers.b.key.pem',
      '6 signers.b.key.hash',
      '6 signers.b.annotation',
      '9 rules[0].images[0]',
      '10 rules[0].require.any[1]',
      '10 rules[0].require.any[2].atLeast',
      '11 rules[0].mode',
      '12 rules[1].images',
      '12 rules[1].name',
      '13 rules[1].image',
      '14 rules[1].allow.reason',
      '14 rules[1].allow.until',
      '15 rules[1].pin',
      '17 modes[0].namespaces[0]',
    ],
  );
});
