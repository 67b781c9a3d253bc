// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy, lintPolicy } from '../../src/policy/index.ts';
import { readFile } from '../support/policy.ts';

const GOOGLE = 'issuer: https://accounts.google.com';

/** The signers; `alice` and `bob` are of the team. */
const SIGNERS = `
  alice: { keyless: { ${GOOGLE}, subject: alice@acme.example } }
  bob: { keyless: { ${GOOGLE}, subject: bob@acme.example } }
  team: { keyless: { ${GOOGLE}, subject: "*@acme.example" } }
  expression: { keyless: { ${GOOGLE}, subjectRegexp: '[a-z]+@acme\\.example' } }
  anybody: { keyless: { ${GOOGLE}, unsafeAnySubject: true } }
  elsewhere: { keyless: { issuer: https://i.example, subject: "*@acme.example" } }
  private: { keyless: { ${GOOGLE}, subject: "*@acme.example" }, trustRoot: private }
  push: { keyless: { ${GOOGLE}, subject: "*@acme.example", claims: { buildTrigger: push } } }
  manual: { keyless: { ${GOOGLE}, subject: alice@acme.example, claims: { buildTrigger: workflow_dispatch } } }
  key: { key: [{ file: a.pub }, { file: b.pub }] }
  same: { key: { file: a.pub } }
  other: { key: { file: c.pub } }`;

function overlaps(requirement: string, where = 'require'): string[] {
  const demand =
    where === 'require' ? `require: ${requirement}` : `attestations: [{ type: spdx, by: ${requirement} }]`;
  const text = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers:${SIGNERS}
rules:
  - { name: r, images: ["**"], ${demand} }
`;
  const policy = compilePolicy(text, { source: 'policy.yaml', readFile });
  return lintPolicy(policy, 0)
    .filter(({ message }) => message.includes('one signature can satisfy'))
    .map(({ level, path, message }) => {
      const [, one, other] = /both (\S+) and (\S+),/.exec(message) ?? [];
      return `${level} ${path} ${one} ${other}`;
    });
}

for (const [pair, names] of [
  ['alice, team', 'alice team'],
  ['team, alice', 'team alice'],
  ['alice, expression', 'alice expression'],
  ['anybody, elsewhere', undefined],
  ['anybody, team', 'anybody team'],
  ['alice, bob', undefined],
  ['alice, elsewhere', undefined],
  ['alice, private', undefined],
  ['alice, push', 'alice push'],
  ['manual, push', undefined],
  ['key, same', 'key same'],
  ['key, other', undefined],
  ['key, alice', undefined],
] as const) {
  test(`all of ${pair}`, () => {
    const expected = names === undefined ? [] : [`warning rules[0].require ${names}`];
    assert.deepEqual(overlaps(`{ all: [${pair}] }`), expected);
    assert.deepEqual(overlaps(`{ any: [other, { all: [${pair}] }] }`), expected);
    assert.deepEqual(
      overlaps(`{ all: [${pair}] }`, 'by'),
      names === undefined ? [] : [`warning rules[0].attestations[0] ${names}`],
    );
    assert.deepEqual(overlaps(`{ atLeast: 2, of: [${pair}] }`), [], 'which asks for two people');
    assert.deepEqual(overlaps(`{ any: [${pair}] }`), []);
  });
}
