// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MALLEABLE_FIELDS } from '../verify/mutation/malleable-fields.ts';
import { type Accepted, acceptedVectors } from './accepted-vectors.ts';
import { madeVectors } from './made-vectors.ts';
import { judgeMutants, noFindings } from './malleability.ts';
import { documentMutants, type Mutant, type Wanted } from './mutants.ts';
import { skipWithoutVectors } from './vectors.ts';

/** `COUNTERSIGN_MUTATIONS=all`: each mutant of each vector, in minutes in place of seconds. */
const isWhole = process.env['COUNTERSIGN_MUTATIONS'] === 'all';

/** Tests that of everything that verifies no mutant does, but for the list, of which every field is needed. */
export function testMutants(level: 'fields' | 'der'): void {
  const all = [...acceptedVectors(), ...madeVectors()];
  const findings = noFindings();
  const wanted: Wanted = level === 'der' ? { der: true, isNew: onlyNew() } : { der: false };
  const some = chooser(level);
  for (const accepted of all) {
    test(accepted.name, () => {
      const before = findings.wrong.length;
      const mutants = some(accepted, documentMutants(accepted.text, wanted));
      judgeMutants(accepted, mutants, MALLEABLE_FIELDS, findings);
      assert.deepEqual(findings.wrong.slice(before), []);
    });
  }
  test('every field on the list is malleable', { skip: skipWithoutVectors }, (context) => {
    context.diagnostic(`${findings.count} mutants of ${all.length}`);
    const own = MALLEABLE_FIELDS.filter(({ field }) => field.includes('(der)') === (level === 'der'));
    const stale = own.filter((entry) => !findings.used.has(entry));
    assert.deepEqual(stale, []);
  });
}

/** The same certificate stands in several vectors, and is taken apart once. */
function onlyNew(): (der: Uint8Array, field: string) => boolean {
  const known = new Set<string>();
  return (der, field) => {
    const before = known.size;
    known.add(`${field.replace(/[0-9]+/g, '')} ${Buffer.from(der).toString('base64')}`);
    return known.size > before || isWhole;
  };
}

/** What is done to a field of one kind of material is done in the first vector of that kind, and in some of the others. */
function chooser(level: 'fields' | 'der') {
  const done = new Map<string, number>();
  return function* some({ traits }: Accepted, mutants: Iterable<Mutant<string>>): Generator<Mutant<string>> {
    for (const mutant of mutants) {
      const kind = level === 'der' ? `${traits.has('key')} ${traits.has('Rekor v2')}` : [...traits].join();
      const what = `${kind} ${mutant.field} ${mutant.way}`;
      const count = done.get(what) ?? 0;
      done.set(what, count + 1);
      if (isWhole || count === 0 || count % 7 === 3) yield mutant;
    }
  };
}
