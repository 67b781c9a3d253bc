// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { once, parseOnce, rememberLatest } from '../../src/verify/parse-once.ts';

test('one object is parsed once for all who ask in a row, and gives the same value or throws the same error', () => {
  let parsed = 0;
  const parse = parseOnce(({ text }: { text: string }) => {
    parsed += 1;
    return { value: JSON.parse(text) };
  });
  const good = { text: '[1]' };
  assert.equal(parse(good), parse(good));
  assert.equal(parsed, 1);

  const bad = { text: '[' };
  const errors = [1, 2].map(() => {
    try {
      return parse(bad);
    } catch (error) {
      return error;
    }
  });
  assert.ok(errors[0] instanceof SyntaxError);
  assert.equal(errors[0], errors[1]);
  assert.equal(parsed, 2);

  assert.deepEqual(parse({ text: '[1]' }), { value: [1] });
  assert.equal(parsed, 3);

  parse(good);
  assert.equal(parsed, 4, 'only the latest is kept');
});

test('what is derived of two is kept for the latest pair, and never given for another', () => {
  const derive = rememberLatest((from: { n: number }, beside: string) => ({ text: `${from.n} ${beside}` }));
  const [one, two] = [{ n: 1 }, { n: 2 }];
  const first = derive(one, 'a');
  assert.equal(derive(one, 'a'), first);
  assert.deepEqual(derive(one, 'b'), { text: '1 b' });
  assert.deepEqual(derive(two, 'b'), { text: '2 b' });
  assert.deepEqual(derive(one, 'a'), first);
});

test('what is asked for at the first call is found once, what it throws too', () => {
  let found = 0;
  const good = once(() => {
    found += 1;
    return { found };
  });
  assert.equal(good(), good());
  const bad = once(() => {
    found += 1;
    throw new RangeError(String(found));
  });
  assert.throws(bad, { message: '2' });
  assert.throws(bad, { message: '2' });
});
