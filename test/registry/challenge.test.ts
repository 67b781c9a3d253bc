// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenges } from '../../src/registry/challenge.ts';

function parse(header: string | undefined) {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

const ROWS: readonly (readonly [what: string, header: string | undefined, expected: unknown])[] = [
  ['none', undefined, []],
  ['empty', ' , ', []],
  ['a scheme alone', 'Basic', [['basic', {}]]],
  ['one with a realm', 'Basic realm="registry"', [['basic', { realm: 'registry' }]]],
  [
    'what Docker Hub says',
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:library/nginx:pull,push',
        },
      ],
    ],
  ],
  [
    'several in one header',
    'Basic realm="a, b", Bearer realm="https://x/",service=s',
    [
      ['basic', { realm: 'a, b' }],
      ['bearer', { realm: 'https://x/', service: 's' }],
    ],
  ],
  ['names in any case', 'BEARER Realm="x",SERVICE="Y"', [['bearer', { realm: 'x', service: 'Y' }]]],
  ['white space', '  Bearer   realm = "x" ,\tservice\t=\t"y" ', [['bearer', { realm: 'x', service: 'y' }]]],
  ['escapes in quotes', 'Basic realm="a\\"b\\\\c"', [['basic', { realm: 'a"b\\c' }]]],
  [
    'an unquoted realm',
    'Bearer realm=https://x.example/token',
    [['bearer', { realm: 'https://x.example/token' }]],
  ],
  ['the first of two parameters', 'Bearer realm="good",realm="bad"', [['bearer', { realm: 'good' }]]],
  [
    'data of another scheme',
    'Negotiate YII=, NTLM, Basic realm="x"',
    [
      ['negotiate', {}],
      ['ntlm', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'a quote that never ends',
    'Bearer realm="https://x',
    [
      ['bearer', {}],
      ['realm', {}],
    ],
  ],
  ['junk', '="\u0000"""=,', []],
  ['junk after a challenge', 'Basic realm="x", "', [['basic', { realm: 'x' }]]],
  ['a realm without the scheme', 'realm="x"', [['realm', {}]]],
];

for (const [what, header, expected] of ROWS) {
  test(`challenges: ${what}`, () => assert.deepEqual(parse(header), expected));
}

test('challenges: long junk costs little time', () => {
  const started = performance.now();
  for (const piece of ['a ', 'a="', 'a=" ', 'a b=', 'a="\\', ',', '"', 'a =', 'x y="z" ']) {
    parseChallenges(piece.repeat(100_000));
  }
  // In square time it would be many minutes.
  assert.ok(performance.now() - started < 60_000);
});
