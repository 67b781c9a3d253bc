// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFairLine, createPlaces, createSharedTenants, tenant } from '../../src/sharing/index.ts';

function drain<T>(line: ReturnType<typeof createFairLine<T>>): T[] {
  const all: T[] = [];
  for (let next = line.next(); next !== undefined; next = line.next()) all.push(next.entry);
  return all;
}

test('tenants are served in turn, each in the order of its own line', () => {
  const line = createFairLine<string>();
  for (let index = 0; index < 1000; index += 1) line.add(`a${index}`, tenant('a'));
  line.add('b0', tenant('b'));
  line.add('c0', tenant('c'));
  line.add('c1', tenant('c'));
  assert.equal(line.size, 1003);
  assert.deepEqual(drain(line).slice(0, 6), ['a0', 'b0', 'c0', 'a1', 'c1', 'a2']);
  assert.equal(line.size, 0);
});

test('who comes back is served after those who have waited', () => {
  const line = createFairLine<string>();
  line.add('a0', tenant('a'));
  line.add('b0', tenant('b'));
  assert.equal(line.next()?.entry, 'a0');
  line.add('a1', tenant('a'));
  assert.deepEqual(drain(line), ['b0', 'a1']);
});

test('an entry that leaves is gone from each line, also after it was called', () => {
  const line = createFairLine<string>();
  const both = createSharedTenants();
  both.join(tenant('a'));
  both.join(tenant('b'));
  const leave = line.add('both', both);
  line.add('a', tenant('a'));
  leave();
  leave();
  assert.equal(line.size, 1);
  const leaveLater = line.add('b', tenant('b'));
  assert.deepEqual(drain(line), ['a', 'b']);
  leaveLater();
  assert.equal(line.size, 0);
});

test('whoever joins shared work takes it along into its own line', () => {
  const line = createFairLine<string>();
  const shared = createSharedTenants();
  shared.join(tenant('flood'));
  for (let index = 0; index < 100; index += 1) line.add(`flood ${index}`, tenant('flood'));
  line.add('shared', shared);
  const around = createSharedTenants();
  shared.join(around);
  around.join(tenant('quiet'));
  line.next();
  const next = line.next();
  assert.deepEqual(next, { entry: 'shared', tenant: 'quiet' });
  assert.equal(drain(line).length, 99);
});

test('those who may not are passed over, and keep their turn', () => {
  const line = createFairLine<string>();
  line.add('a', tenant('a'));
  line.add('b', tenant('b'));
  assert.equal(line.next((name) => name !== 'a')?.entry, 'b');
  assert.equal(
    line.next((name) => name !== 'a'),
    undefined,
  );
  assert.equal(line.next()?.entry, 'a');
});

test('a tenant holds no more places than it leaves, whoever comes finds one, and the bound of all holds', () => {
  const places = createPlaces(64);
  const fill = (name: string) => {
    while (places.has(name)) places.take(name);
    return places.held(name);
  };
  assert.equal(fill('a'), 32);
  assert.equal(fill('b'), 16);
  assert.equal(fill('c'), 8);
  for (let index = 0; index < 100; index += 1) fill(`${index}`);
  assert.equal(places.taken, 64);
  assert.equal(places.has('new'), false);
  places.give('a', 32);
  assert.ok(places.has('new'));
  assert.equal(places.held('a'), 0);
  assert.equal(createPlaces(64, 4).has('a', 5), false);
});
