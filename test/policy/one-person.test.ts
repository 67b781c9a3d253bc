// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personOf } from '../../src/policy/one-person.ts';

const marks = (identity: string, keyFingerprint: string) => ({ identity, keyFingerprint });

test('identities with keys of their own are several people', () => {
  const person = personOf([marks('key:a', 'a'), marks('key:b', 'b'), marks('keyless:x', 'c')]);
  assert.equal(new Set(['key:a', 'key:b', 'keyless:x'].map(person)).size, 3);
});

test('a key of the policy that has a certificate too is one person', () => {
  for (const order of [
    [marks('key:a', 'a'), marks('keyless:x', 'a')],
    [marks('keyless:x', 'a'), marks('key:a', 'a')],
  ]) {
    const person = personOf(order);
    assert.equal(person('key:a'), person('keyless:x'));
  }
});

test('two names by way of a third are one person', () => {
  const person = personOf([marks('keyless:x', 'a'), marks('keyless:y', 'b'), marks('keyless:x', 'b')]);
  assert.equal(person('keyless:x'), person('keyless:y'));
});

test('one identity with a new key each time stays one', () => {
  const person = personOf(Array.from({ length: 1000 }, (_, at) => marks('keyless:x', `${at}`)));
  assert.equal(person('key:999'), person('keyless:x'));
});
