// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { isSatisfied, type Requirement } from '../../src/policy/index.ts';
import { keySigner } from '../support/key-signer.ts';

const signer = (name: string): Requirement => ({
  kind: 'signer',
  signer: keySigner(name),
});
const any = (...of: Requirement[]): Requirement => ({ kind: 'any', of });
const all = (...of: Requirement[]): Requirement => ({ kind: 'all', of });
const atLeast = (count: number, ...of: Requirement[]): Requirement => ({ kind: 'atLeast', count, of });
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(signer) as [Requirement, Requirement, Requirement, Requirement];

/** Proven identities by name, such as `{ a: 'k1 k2' }`. */
const proving = (identities: Readonly<Record<string, string>>) => (name: string) =>
  new Set((identities[name] ?? '').split(' ').filter((one) => one !== ''));

const ROWS: readonly [string, Requirement, Readonly<Record<string, string>>, boolean][] = [
  ['a signer that is proved', a, { a: 'k1' }, true],
  ['a signer that is not', a, { b: 'k1' }, false],
  ['any, one proved', any(a, b), { b: 'k1' }, true],
  ['any, none proved', any(a, b), {}, false],
  ['any of nothing', any(), { a: 'k1' }, false],
  ['all of nothing', all(), { a: 'k1' }, false],
  ['all, one missing', all(a, b), { a: 'k1' }, false],
  ['all, one key under both names', all(a, b), { a: 'k1', b: 'k1' }, true],
  ['2 of 3, two keys', atLeast(2, a, b, c), { a: 'k1', c: 'k3' }, true],
  ['2 of 3, one key', atLeast(2, a, b, c), { a: 'k1' }, false],
  ['2 of 3, two keys of one signer', atLeast(2, a, b, c), { a: 'k1 k2' }, false],
  ['2 of 3, one key under two names', atLeast(2, a, b, c), { a: 'k1', b: 'k1' }, false],
  ['2 of 3, one key under three names', atLeast(2, a, b, c), { a: 'k1', b: 'k1', c: 'k1' }, false],
  ['2 of 3, a shared key and one more', atLeast(2, a, b, c), { a: 'k1', b: 'k1 k2' }, true],
  ['3 of 3 needs the matching, not the count', atLeast(3, a, b, c), { a: 'k1 k2', b: 'k1', c: 'k2' }, false],
  ['3 of 3 found by reassigning', atLeast(3, a, b, c), { a: 'k1 k2', b: 'k1', c: 'k2 k3' }, true],
  ['one name written twice is one name', atLeast(2, a, a), { a: 'k1 k2' }, false],
  ['0 of something is never satisfied', atLeast(0, a), {}, false],
  ['nested: entries need identities of their own', atLeast(2, any(a, b), c), { a: 'k1', c: 'k1' }, false],
  ['nested: another way out of any', atLeast(2, any(a, b), c), { a: 'k1', b: 'k2', c: 'k1' }, true],
  ['nested: all takes all its identities', atLeast(2, all(a, b), c), { a: 'k1', b: 'k2', c: 'k2' }, false],
  ['nested: all and one more', atLeast(2, all(a, b), c), { a: 'k1', b: 'k2', c: 'k3' }, true],
  ['nested: threshold in threshold', atLeast(2, atLeast(2, a, b), d), { a: 'k1', b: 'k2', d: 'k3' }, true],
  [
    'nested: threshold in threshold, shared',
    atLeast(2, atLeast(2, a, b), d),
    { a: 'k1', b: 'k2', d: 'k2' },
    false,
  ],
];

for (const [name, requirement, identities, expected] of ROWS) {
  test(`${name}: ${expected ? 'satisfied' : 'not satisfied'}`, () => {
    assert.equal(isSatisfied(requirement, proving(identities)), expected);
  });
}

test('too many combinations end in a code, not in time', () => {
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const identities = Object.fromEntries(names.map((name) => [name, `k-${name}`]));
  const wide = atLeast(20, atLeast(15, ...names.map(signer)), ...names.map(signer));
  assert.throws(
    () => isSatisfied(wide, proving(identities)),
    (error) => error instanceof CountersignError && error.code === 'TOO_MANY_COMBINATIONS',
  );
});
