// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { combineCandidates } from '../../src/discover/combine-candidates.ts';
import type { Candidate } from '../../src/verify/index.ts';

function factOf(...ids: string[]) {
  const candidates = ids.map(
    (id): Candidate => ({ kind: 'bundle', id, storage: 'referrer', bytes: Buffer.from(id) }),
  );
  return { value: { candidates, attestations: candidates.slice(1) }, at: 0 };
}

test('the same two facts give the same array, another fact another one', () => {
  const [tags, referrers] = [factOf('1'), factOf('1', '2')];
  const both = combineCandidates(tags, referrers);
  assert.equal(both.length, 2);
  assert.equal(combineCandidates(tags, referrers), both);
  assert.notEqual(combineCandidates(tags, factOf('1', '2')), both);
});

test('attestations are combined apart, from the fact of their own tag', () => {
  const [attached, referrers] = [factOf('1', '2'), factOf('3', '2', '4')];
  const all = combineCandidates(attached, referrers, 'attestations');
  assert.deepEqual(
    all.map(({ id }) => id),
    ['2', '4'],
  );
  assert.equal(combineCandidates(attached, referrers, 'attestations'), all);
});

test('what is combined keeps neither fact alive', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const kept = [];
  const lost = [];
  for (let round = 0; round < 20; round += 1) {
    const [keptTags, keptReferrers] = [factOf('1'), factOf('2')];
    const [tags, referrers] = [factOf('3'), factOf('4')];
    combineCandidates(keptTags, referrers);
    combineCandidates(tags, keptReferrers);
    kept.push(keptTags, keptReferrers);
    lost.push(new WeakRef(referrers), new WeakRef(tags));
  }
  await nextTurn();
  collect();
  // The compiler may keep the last round in registers.
  assert.ok(lost.filter((fact) => fact.deref() !== undefined).length <= 2);
  assert.equal(kept.length, lost.length);
});
