// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageReference } from '../../src/image/reference.ts';
import { compilePolicy, describeRequirement, explain, match, type Scope } from '../../src/policy/index.ts';
import { documentOf, policyOf, readFile } from '../support/policy.ts';

const D = `sha256:${'d'.repeat(64)}`;

const REQUIREMENTS: readonly (readonly [string, string])[] = [
  ['a', 'a signature by a'],
  ['{ any: [a] }', 'a signature by a'],
  ['{ any: [a, b] }', 'a signature by any of a, b'],
  ['{ all: [a, b] }', 'a signature by a and one by b'],
  ['{ all: [a, { any: [b, c] }] }', 'a signature by a and one by any of b, c'],
  ['{ all: [{ any: [b, c] }, a] }', 'a signature by any of b, c and one by a'],
  ['{ atLeast: 2, of: [a, b, c] }', 'signatures by at least 2 of a, b, c'],
  ['{ all: [a, { atLeast: 1, of: [b, c] }] }', 'a signature by a and signatures by at least 1 of b, c'],
  ['{ any: [a, { all: [b, c] }] }', 'either a signature by a or (a signature by b and one by c)'],
  [
    '{ all: [a, { any: [b, { all: [b, c] }] }] }',
    'a signature by a and (either a signature by b or (a signature by b and one by c))',
  ],
  [
    '{ atLeast: 2, of: [a, { any: [b, c] }] }',
    'at least 2 of a signature by a, (a signature by any of b, c)',
  ],
];

for (const [requirement, words] of REQUIREMENTS) {
  test(`in words: ${requirement}`, () => {
    const [rule] = policyOf(`rules: [{ name: r, images: [x], require: ${requirement} }]\n`).rules;
    assert.ok(rule?.require);
    assert.equal(describeRequirement(rule.require), words);
  });
}

const first = policyOf(`rules:
  - { name: tagged, images: ["reg.io/web:v1"], require: c }
  - { name: spaced, images: ["reg.io/**"], namespaces: ["dev-*"], require: b }
  - { name: labelled, images: ["reg.io/**"], namespaces: ["p-*"], namespaceLabels: { tier: prod }, require: b }
  - { name: corp, images: ["reg.io/**"], except: ["reg.io/tools", "reg.io/web:debug"], require: { any: [a, b] } }
  - { name: exempt, images: ["reg.io/tools"], allow: { reason: reviewed, until: 2027-03-01 } }
modes: [{ namespaces: [x], mode: warn }]
`);

const NOW = Date.UTC(2027, 1, 1);

/** `outcome rule mode` and, for each rule that was looked at, `rule outcome: reason`. */
function explained(image: string, scope: Scope = {}, now = NOW): string[] {
  const [one] = explain([first], parseImageReference(image), scope, now);
  const rules =
    one?.rules.map(({ rule, outcome, reason, line }) => `${line} ${rule} ${outcome}: ${reason}`) ?? [];
  return [`${one?.outcome} ${one?.rule ?? '-'} ${one?.mode}${one?.confirmTag ? ' !' : ''}`, ...rules];
}

test('an exemption that is over is told as such, with what the mode makes of it', () => {
  const last = (scope: Scope, now: number) => explained('reg.io/tools', scope, now).at(-1);
  const end = Date.UTC(2027, 2, 2);
  assert.match(last({}, end - 1) ?? '', /matches: lets it in unverified, through 2027-03-01/);
  assert.match(
    last({}, end) ?? '',
    /: let it in unverified through 2027-03-01 \(UTC\), which is over: it is denied EXEMPTION_EXPIRED$/,
  );
  assert.match(
    last({ namespace: 'x' }, end) ?? '',
    /EXEMPTION_EXPIRED, and mode warn lets it in with a warning$/,
  );
});

test('why the earlier rules did not match, and what the deciding one does', () => {
  assert.deepEqual(explained(`reg.io/web@${D}`, { namespace: 'x' }), [
    'matches corp warn',
    `9 tagged skipped: its images do not match reg.io/web@${D} (a pattern with a tag never matches a digest alone)`,
    '10 spaced skipped: is for namespaces dev-*, not for x',
    '11 labelled skipped: is for namespaces p-*, not for x',
    '12 corp matches: requires a signature by any of a, b',
  ]);
  assert.deepEqual(explained('reg.io/web:v1').at(-1), '9 tagged matches: requires a signature by c');
  assert.match(explained('reg.io/web').at(2) ?? '', /not for an image without a namespace/);
  assert.match(
    explained('reg.io/x', { namespace: 'p-1', namespaceLabels: { tier: 'dev' } }).at(3) ?? '',
    /labelled tier=prod, and tier differs/,
  );
});

test('every platform is told', () => {
  const policy = policyOf('rules: [{ name: r, images: [x], require: a, platforms: every }]\n');
  const [one] = explain([policy], parseImageReference('x'), {}, NOW);
  assert.equal(
    one?.rules[0]?.reason,
    'requires a signature by a, on every image of an index instead of the index',
  );
});

test('where signatures are looked for is told', () => {
  const [here, there] = ['tagPrefix: p-', 'repository: reg.io/sigs'].map((place) => {
    const policy = policyOf(`rules: [{ name: r, images: [x], require: a, signatures: { ${place} } }]\n`);
    return explain([policy], parseImageReference('x'), {}, NOW)[0]?.rules[0]?.reason;
  });
  assert.equal(
    here,
    'requires a signature by a, looked for in its own repository, under tags p-sha256-….sig',
  );
  assert.equal(there, 'requires a signature by a, looked for in reg.io/sigs');
});

test('except, exemptions, tags beside digests', () => {
  assert.deepEqual(explained('reg.io/tools', { namespace: 'x' }).slice(4), [
    '12 corp skipped: its except takes the image out',
    '13 exempt matches: lets it in unverified, through 2027-03-01 (UTC): reviewed',
  ]);
  assert.deepEqual(explained(`reg.io/web:v1@${D}`), [
    'matches tagged enforce !',
    `9 tagged matches: requires a signature by c, provided that the tag v1 gives ${D}`,
  ]);
  assert.deepEqual(explained(`reg.io/web:debug@${D}`).slice(4), [
    `12 corp skipped: its except takes the image out, provided that the tag debug gives ${D}`,
    `13 exempt skipped: its images do not match reg.io/web:debug@${D}`,
  ]);
});

test('a tag that has to be confirmed is told, also where a condition or another document asks for it', () => {
  const reasons = (policies: Parameters<typeof explain>[0], image: string) =>
    explain(policies, parseImageReference(image), {}, NOW).map(({ rules }) => rules.at(-1)?.reason ?? '');
  const confirmed = new RegExp(`, provided that the tag debug gives ${D}$`);
  const looking = policyOf(
    `rules: [{ name: r, images: ["**"], attestations: [{ type: spdx, by: a, where: 'image.tag != ""' }] }]\n`,
  );
  assert.match(reasons([looking], `reg.io/web:debug@${D}`)[0] ?? '', confirmed);
  assert.doesNotMatch(reasons([looking], 'reg.io/web:debug')[0] ?? '', /provided/);
  const silent = policyOf(
    'rules: [{ name: r, images: ["**"], except: ["**:debug"], require: a }]\n',
    'silent',
  );
  const other = policyOf('rules: [{ name: r, images: ["**"], require: a }]\n', 'other');
  assert.match(reasons([silent, other], `reg.io/web:debug@${D}`)[1] ?? '', confirmed);
});

test('undecided, and no rule', () => {
  assert.deepEqual(
    explained('reg.io/x', { namespace: 'p-1' }).filter((_, index) => index !== 1 && index !== 2),
    [
      'undecided labelled enforce',
      '11 labelled undecided: is for namespaces labelled tier=prod, and the labels of the Namespace are not known',
    ],
  );
  assert.equal(explained('nginx')[0], 'no-rule - enforce');
  assert.equal(explained('nginx', { namespace: 'x' })[0], 'no-rule - warn');
});

test('explain tells what match does, document by document', () => {
  const second = policyOf(
    'rules: [{ name: all, images: ["**"], namespaceLabels: { a: b }, require: a }]\n',
    'second',
  );
  const images = [
    'reg.io/web',
    'reg.io/web:v1',
    'reg.io/tools',
    `reg.io/web:debug@${D}`,
    'nginx',
    `reg.io/web@${D}`,
  ];
  const scopes: Scope[] = [
    {},
    { namespace: 'dev-1' },
    { namespace: 'p-1' },
    { namespace: 'p-1', namespaceLabels: { tier: 'prod', a: 'b' } },
  ];
  for (const image of images) {
    for (const scope of scopes) {
      const reference = parseImageReference(image);
      const matched = match([first, second], reference, scope);
      const told = explain([first, second], reference, scope, NOW);
      const rulesOf = (outcome: string) =>
        told.filter((one) => one.outcome === outcome).map(({ policy, rule, mode }) => [policy, rule, mode]);
      assert.deepEqual(
        rulesOf('matches'),
        matched.rules.map(({ policy, rule, mode }) => [policy.name, rule.name, mode]),
      );
      assert.deepEqual(
        rulesOf('undecided'),
        matched.undecided.map(({ policy, rule, mode }) => [policy.name, rule.name, mode]),
      );
      for (const one of told) {
        const last = one.rules.at(-1);
        assert.equal(last?.outcome === 'skipped' ? 'no-rule' : last?.outcome, one.outcome);
        if (one.rule !== undefined) assert.equal(last?.rule, one.rule);
      }
    }
  }
});

test('what an identity is and demands is told beside its rule', () => {
  const text = documentOf(`  person:
    keyless: { issuer: https://i.example, subject: "*@acme.example", claimsRegexp: { buildTrigger: "push|tag" } }
    trustRoot: corp
    log: 2
    timestamps: 1
rules:
  - { name: r, images: ["**"], require: { any: [a, person] } }
`);
  const policy = compilePolicy(text, { source: 'policy.yaml', readFile });
  const [told] = explain([policy], parseImageReference('nginx'), {}, 0);
  assert.equal(
    told?.rules[0]?.reason,
    'requires a signature by any of a, person; person is "*@acme.example" of issuer "https://i.example" with ' +
      'buildTrigger what matches, as a whole, the regular expression "push|tag", and needs a certificate, 2 log entries, 1 timestamp, 1 SCT ' +
      'by trust root corp',
  );
});

test('so is the identity that makes attestations', () => {
  const text = documentOf(`  builder: { keyless: { issuer: https://i.example, subject: ci.acme.example } }
rules: [{ name: r, images: ["**"], require: builder, attestations: [{ type: slsaprovenance1, by: builder }] }]
`);
  const policy = compilePolicy(text, { source: 'policy.yaml', readFile });
  const [told] = explain([policy], parseImageReference('nginx'), {}, 0);
  assert.match(
    told?.rules[0]?.reason ?? '',
    /by builder; builder is "ci\.acme\.example" of issuer "https:\/\/i\.example", and needs a certificate, 1 log entry, 1 SCT$/,
  );
});
