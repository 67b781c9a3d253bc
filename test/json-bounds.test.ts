// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countJsonValues } from '../src/json-bounds.ts';
import { LIMITS } from '../src/limits.ts';
import { skipWithoutVectors, vectorsPath } from './support/vectors.ts';

const BOUNDS = { depth: 4, values: 100 };
const REVIEW = { depth: LIMITS.reviewDepth, values: LIMITS.reviewValues };

const count = (text: string | Uint8Array, bounds = BOUNDS) => countJsonValues(Buffer.from(text), bounds);

/** The values that `JSON.parse` made. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + valuesIn(inner), 1);
}

test('never fewer values than JSON.parse makes, and at most one more for each list or object', () => {
  const texts = [
    '1',
    '"text"',
    '[]',
    '{}',
    '[1,[2,3],{}]',
    ' { "a" : { "b" : [ 1 , 2 ] } , "c" : null } ',
    '{"a,b":"[{,","c":"}]"}',
    '["\\"[[[[[[","\\\\",["\\\\\\"{{{{{{"]]',
    '["\\u005b\\u005b","é€😀[["]',
  ];
  for (const text of texts) {
    const real = valuesIn(JSON.parse(text));
    const opened = text.match(/[[{]/g)?.length ?? 0;
    const counted = count(text) ?? -1;
    assert.ok(counted >= real && counted <= real + opened, `${text}: ${counted}, really ${real}`);
  }
});

test('at a bound it counts, one past it gives nothing', () => {
  assert.equal(count('[[[[]]]]'), 5);
  assert.equal(count('[[[[[]]]]]'), undefined);
  assert.equal(count('{"a":{"a":{"a":{"a":1}}}}'), 5);
  assert.equal(count('{"a":{"a":{"a":{"a":[]}}}}'), undefined);
  assert.equal(count(`[${'0,'.repeat(98)}0]`), 100);
  assert.equal(count(`[${'0,'.repeat(99)}0]`), undefined);
});

test('what closes makes room for depth, not for values', () => {
  assert.equal(count('[[[[]]],[[[]]],[[[]]]]'), 13);
  assert.equal(count(`[${'{},'.repeat(50)}0]`), undefined);
});

test('brackets and commas in strings and names are text, however the string is written', () => {
  const brackets = '[{,'.repeat(100);
  assert.equal(count(JSON.stringify(brackets)), 1);
  assert.equal(count(JSON.stringify({ [brackets]: `"${brackets}\\` })), 2);
  assert.equal(count(`["\\\\",${'['.repeat(4)}`), undefined);
  assert.equal(count(`["\\",${'['.repeat(4)}"]`), 2);
});

test('what is no JSON is counted as far as JSON.parse would get', () => {
  assert.equal(count(''), 1);
  assert.equal(count('"never closed [[[[[['), 1);
  assert.equal(count('"\\'), 1);
  assert.equal(count('[[[[['), undefined);
  assert.equal(count(Buffer.of(0xe2, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b)), undefined);
  assert.equal(count(Buffer.of(0x22, 0xc3, 0x22, 0x5b, 0x5b, 0x5b, 0x5b, 0x5b)), undefined);
});

test('8 MiB of quotes, backslashes or brackets take linear time', { timeout: 60_000 }, () => {
  for (const piece of ['\\"', '"\\', '""', '\\', '{}', '[']) {
    countJsonValues(Buffer.from(`"${piece.repeat((8 << 20) / piece.length)}`), {
      depth: Number.POSITIVE_INFINITY,
      values: Number.POSITIVE_INFINITY,
    });
  }
});

test('real reviews are far inside the bounds', { skip: skipWithoutVectors }, (t) => {
  const folder = vectorsPath('reviews');
  const counts = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => count(readFileSync(join(folder, name)), { ...REVIEW, depth: 32 }) ?? 0);
  assert.ok(counts.length >= 20 && counts.every((values) => values > 0));
  t.diagnostic(`${counts.length} reviews, at most ${Math.max(...counts)} values`);
  assert.ok(Math.max(...counts) * 100 < REVIEW.values);
});

test('two Pods of 250 containers, with all that their manager wrote, are inside the bounds', (t) => {
  const names = Array.from({ length: 250 }, (_, index) => `container-${index}`);
  const env = Array.from({ length: 40 }, (_, index) => ({ name: `VARIABLE_${index}`, value: `${index}` }));
  const containers = names.map((name) => ({ name, image: 'a/b:1', args: ['a', 'b'], env, resources: {} }));
  const fields = Object.fromEntries(
    names.map((name) => [
      `k:{"name":"${name}"}`,
      { '.': {}, 'f:env': Object.fromEntries(env.map((one) => [`k:{"name":"${one.name}"}`, { '.': {} }])) },
    ]),
  );
  const pod = {
    metadata: { managedFields: [{ fieldsV1: { 'f:spec': { 'f:containers': fields } } }] },
    spec: { containers },
  };
  const text = JSON.stringify({ request: { object: pod, oldObject: pod } });
  const values = count(text, REVIEW);
  t.diagnostic(`${text.length} bytes, ${values} values`);
  assert.ok(text.length > 1_500_000 && values !== undefined && values < REVIEW.values);
});
