// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSubjectPattern } from '../../src/policy/subject-pattern.ts';

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

/** Pattern, what it matches, and what looks alike and must not. */
const PATTERNS: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  [
    'https://github.com/acme/**',
    ['https://github.com/acme/x', 'https://github.com/acme/x/y/z'],
    [
      'https://github.com/acme-evil/x',
      'https://github.com.evil.example/acme/x',
      'https://evil.example/https://github.com/acme/x',
      'https://github.com/acme',
      'https://github.com/acme/',
      'https://github.com/acme//x',
      'https://github.com/acme/../evil/x',
      'https://github.com/acme/./x',
      'https://github.com/acme/x/',
      'https://github.com/ACME/x',
      'https://GitHub.com/acme/x',
      'https://user@github.com/acme/x',
      'https://github.com@evil.example/acme/x',
      'https://github.com:443/acme/x',
      'http://github.com/acme/x',
      'HTTPS://github.com/acme/x',
      WORKFLOW,
      '',
    ],
  ],
  [
    'https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main',
    [WORKFLOW],
    [
      WORKFLOW.replace('/app/', '/a/b/'),
      WORKFLOW.replace('/app/', '//'),
      WORKFLOW.replace('/app/', '/x@y/'),
      WORKFLOW.replace('release', 'evil'),
      `${WORKFLOW}2`,
      `${WORKFLOW}@refs/heads/main`,
      WORKFLOW.replace('@refs', '@evil@refs'),
      WORKFLOW.replace('refs/heads/main', 'refs/tags/main'),
    ],
  ],
  ['https://github.com/acme/**@refs/heads/*', [WORKFLOW], [`${WORKFLOW}/x`, `${WORKFLOW}@y`]],
  [WORKFLOW, [WORKFLOW], [WORKFLOW.slice(0, -1), `${WORKFLOW} `, WORKFLOW.toUpperCase()]],
  ['https://h.example/a/*/', ['https://h.example/a/b/'], ['https://h.example/a/b', 'https://h.example/a//']],
  [
    'https://*.acme.example/x',
    ['https://ci.acme.example/x'],
    [
      'https://acme.example/x',
      'https://.acme.example/x',
      'https://a.b.acme.example/x',
      'https://evil.example/.acme.example/x',
      'https://evil?.acme.example/x',
      'https://evil#.acme.example/x',
      'https://evil:1.acme.example/x',
      'https://a@ci.acme.example/x',
      'https://ci.acme.example:8443/x',
      'https://CI.acme.example/x',
    ],
  ],
  ['https://*.acme.example:8443/x', ['https://ci.acme.example:8443/x'], ['https://ci.acme.example/x']],
  ['https://*.acme.example', ['https://ci.acme.example'], ['https://ci.acme.example/']],
  [
    'https://gitlab.com/acme/*//.gitlab-ci.yml@refs/heads/main',
    ['https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main'],
    [
      'https://gitlab.com/acme/app/.gitlab-ci.yml@refs/heads/main',
      'https://gitlab.com/acme/app///.gitlab-ci.yml@refs/heads/main',
      'https://gitlab.com/acme/app/x//.gitlab-ci.yml@refs/heads/main',
      'https://gitlab.com/acme///.gitlab-ci.yml@refs/heads/main',
      'https://gitlab.com/acme//app//.gitlab-ci.yml@refs/heads/main',
    ],
  ],
  [
    'https://gitlab.com/acme/**//*@**',
    ['https://gitlab.com/acme/a/b//ci.yml@refs/heads/x'],
    ['https://gitlab.com/acme/a//b//ci.yml@refs/heads/x', 'https://gitlab.com/acme/a//x/ci.yml@refs/heads/x'],
  ],
  [
    'spiffe://acme.example/ns/*/sa/builder',
    ['spiffe://acme.example/ns/ci/sa/builder'],
    ['spiffe://acme.example/ns/ci/x/sa/builder', 'spiffe://evil.example/ns/ci/sa/builder'],
  ],
  [
    '*@acme.example',
    ['jane@acme.example', 'jane.doe@acme.example'],
    [
      '@acme.example',
      'jane@evil.example',
      'jane@acme.example.evil.example',
      'jane@evil@acme.example',
      'evil/jane@acme.example',
      'jane@sub.acme.example',
      'jane@ACME.example',
      'https://evil.example/jane@acme.example',
    ],
  ],
  [
    'ci-*@*.acme.example',
    ['ci-1@build.acme.example'],
    ['x@build.acme.example', 'ci-1@a.b.acme.example', 'ci-1@acme.example', 'ci-1@evil.example/.acme.example'],
  ],
  ['jane@acme.example', ['jane@acme.example'], ['Jane@acme.example', 'jane@acme.exampleX']],
  ['*.build.acme.example', ['a.build.acme.example'], ['a.b.build.acme.example', 'build.acme.example']],
  ['robot!acme.example', ['robot!acme.example'], ['robot!acme-example']],
];

for (const [pattern, yes, no] of PATTERNS) {
  test(`subject ${pattern}`, () => {
    const { matches } = parseSubjectPattern(pattern);
    assert.deepEqual(yes.filter(matches), yes);
    assert.deepEqual(no.filter(matches), []);
  });
}

test('how a subject is written says which names it looks at', () => {
  const kinds = (text: string) => parseSubjectPattern(text).kinds;
  assert.deepEqual(kinds(WORKFLOW), ['uri']);
  assert.deepEqual(kinds('spiffe://a/b'), ['uri']);
  assert.deepEqual(kinds('*@acme.example'), ['email']);
  assert.deepEqual(kinds('build.acme.example'), ['dns', 'otherName']);
});

const WRONG: readonly (readonly [text: string, message: RegExp])[] = [
  ['', /empty/],
  ['**', /unsafeAnySubject/],
  ['*', /unsafeAnySubject/],
  ['*@*', /unsafeAnySubject/],
  ['*@*.*', /unsafeAnySubject/],
  ['https://**', /unsafeAnySubject/],
  ['https://*/**@**', /unsafeAnySubject/],
  ['*://github.com/acme/x', /scheme/],
  ['http*://github.com/acme/x', /scheme/],
  ['https://**/acme', /\*\* stands for segments/],
  ['https://**.acme.example/x', /\*\* stands for segments/],
  ['https://github.com/acme/a**', /\*\* must be a whole segment/],
  ['https://github.com/acme/***', /\*\* must be a whole segment/],
  ['https://github.com/acme/../*', /no segment "\.\."/],
  ['https://*@github.com/acme', /user name/],
  ['https://github.com:*/acme', /port/],
  ['github.com/acme/*', /no scheme/],
  ['acme/x@refs/heads/main', /no scheme/],
  ['a@b@acme.example', /more than one @/],
  ['@acme.example', /not an e-mail address/],
  ['jane@', /not an e-mail address/],
  ['**@acme.example', /here \* is enough/],
  ['*@**.example', /\*\* stands for segments/],
  ['jane doe@acme.example', /spaces/],
  ['jane@acme.example\n', /control/],
  ['jane@acme.example ', /spaces at an end/],
  [`https://github.com/${'a'.repeat(1024)}`, /longer than 1024/],
];

for (const [text, message] of WRONG) {
  test(`no subject: ${text.slice(0, 40)}`, () => {
    assert.throws(() => parseSubjectPattern(text), { code: 'POLICY_INVALID', message });
  });
}
