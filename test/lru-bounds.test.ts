// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LRUCache } from 'lru-cache';
import { lruBounds } from '../src/lru-bounds.ts';

const key = (index: number) => `${index}`;

test('so many entries stay, the latest', () => {
  const cache = new LRUCache<string, string>(lruBounds({ entries: 10 }));
  for (let index = 0; index < 25; index += 1) cache.set(key(index), 'x');
  assert.equal(cache.size, 10);
  assert.ok(cache.has(key(24)) && cache.has(key(15)) && !cache.has(key(14)));
});

test('small entries are bounded by their number, large ones by their bytes', () => {
  const bounds = { entries: 10, bytes: 1000, sizeOf: (value: string) => value.length };
  const small = new LRUCache<string, string>(lruBounds(bounds));
  const large = new LRUCache<string, string>(lruBounds(bounds));
  for (let index = 0; index < 25; index += 1) {
    small.set(key(index), 'x');
    large.set(key(index), 'x'.repeat(300));
  }
  assert.equal(small.size, 10);
  assert.equal(large.size, 3);
  large.set('too large', 'x'.repeat(1001));
  assert.ok(!large.has('too large'));
});
