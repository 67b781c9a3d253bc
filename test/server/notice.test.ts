// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNotice } from '../../src/server/notice.ts';

test('the first time is said at once, the others together and not before their time', (t) => {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  const said: [number, string][] = [];
  const notice = createNotice<string>((...one) => said.push(one), 200);
  for (const matter of ['a', 'b', 'c']) notice(matter);
  assert.deepEqual(said, [[1, 'a']]);
  now += 199;
  notice('d');
  now += 1;
  assert.equal(said.length, 1, 'nothing is said of what does not happen');
  notice('e');
  notice('f');
  assert.deepEqual(said, [
    [1, 'a'],
    [4, 'e'],
  ]);
});
