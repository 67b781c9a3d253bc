// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createNotice } from '../../src/server/notice.ts';

test('the first time is said at once, the others together and not before their time', async () => {
  const said: [number, string][] = [];
  const notice = createNotice<string>((...one) => said.push(one), 200);
  for (const matter of ['a', 'b', 'c']) notice(matter);
  assert.deepEqual(said, [[1, 'a']]);
  await wait(220);
  assert.equal(said.length, 1, 'nothing is said of what does not happen');
  notice('d');
  notice('e');
  assert.deepEqual(said, [
    [1, 'a'],
    [3, 'd'],
  ]);
});
