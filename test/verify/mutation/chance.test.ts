// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Accepted, acceptedVectors } from '../../support/accepted-vectors.ts';
import { madeVectors } from '../../support/made-vectors.ts';
import { covers, isSameEvidence } from '../../support/malleability.ts';
import { mergeJson } from '../../support/merge-json.ts';
import { documentMutants, type Mutant } from '../../support/mutants.ts';
import { MALLEABLE_FIELDS } from './malleable-fields.ts';

// Beside the changes of one field: bits anywhere, two changes at once, and fields of other material that verifies. The seed is
// fixed; COUNTERSIGN_MUTATIONS=<runs> makes as many of each, with a seed of its own.

const runs = Number(process.env['COUNTERSIGN_MUTATIONS'] ?? Number.NaN);
const chance = (few: number) => (Number.isNaN(runs) ? { seed: 20_260_615, numRuns: few } : { numRuns: runs });

const all = [...acceptedVectors(), ...madeVectors()];
const anyAccepted = fc.constantFrom(...all);
const known = new Map<string, readonly Mutant<string>[]>();

/** The mutants of JSON that can be told to be allowed by the name of their field. */
function mutantsOf({ name, text }: Accepted): readonly Mutant<string>[] {
  const found =
    known.get(name) ?? [...documentMutants(text, { der: false })].filter(({ way }) => !OF_TEXT.has(way));
  known.set(name, found);
  return found;
}

/** What JSON.parse takes back, or cannot read. */
const OF_TEXT = new Set([
  'white space',
  'reordered',
  'byte order mark',
  'something behind',
  'doubled',
  'doubled null',
]);

const isAllowed = (accepted: Accepted, mutant: Mutant<string>) =>
  MALLEABLE_FIELDS.some((entry) => covers(entry, accepted, mutant));

/** The log entry, timestamp or annotation that it is in: one change may be that the whole of it counts no more. */
const partOf = ({ field }: Mutant<string>) => field.split('/').slice(0, 3).join('/');

/** Refused; or what it says of who signed what is the same, and of when it is no more. */
function holdsTheSame(accepted: Accepted, text: string, mayHold: () => boolean, what: string): void {
  const truth = accepted.judge(accepted.text);
  assert.ok(typeof truth !== 'string', accepted.name);
  const verdict = accepted.judge(text);
  if (typeof verdict === 'string') return;
  assert.ok(mayHold(), `${accepted.name}: accepted: ${what}`);
  assert.ok(isSameEvidence(truth, verdict, true), `${accepted.name}: says something else: ${what}`);
}

suite('by chance', () => {
  test('a bit or a byte of the text: refused, or the evidence is the same', () => {
    const change = fc.record({ at: fc.nat(), bit: fc.nat({ max: 8 }) });
    const property = fc.property(anyAccepted, change, (accepted, { at, bit }) => {
      const bytes = Buffer.from(accepted.text);
      const index = at % bytes.length;
      bytes.writeUInt8(bit === 8 ? 0x20 : bytes.readUInt8(index) ^ (1 << bit), index);
      const text = bytes.toString('utf8');
      holdsTheSame(accepted, text, () => mayDiffer(accepted, text), `bit ${bit} of ${index}`);
    });
    fc.assert(property, chance(1_500));
  });

  test('two fields at once: refused, unless each may be changed, or one puts the other out of use', () => {
    const property = fc.property(anyAccepted, fc.nat(), fc.nat(), (accepted, one, other) => {
      const mutants = mutantsOf(accepted);
      const [first, second] = [mutants[one % mutants.length], mutants[other % mutants.length]];
      assert.ok(first && second);
      const merged = JSON.stringify(
        mergeJson(JSON.parse(accepted.text), JSON.parse(first.value), JSON.parse(second.value)),
      );
      if (merged === first.value || merged === second.value) return;
      const allowed = [first, second].filter((mutant) => isAllowed(accepted, mutant)).length;
      const mayHold = () => allowed === 2 || (allowed === 1 && partOf(first) === partOf(second));
      const what = [first, second].map(({ field, way }) => `${field}: ${way}`).join(', ');
      holdsTheSame(accepted, merged, mayHold, what);
    });
    fc.assert(property, chance(700));
  });

  test('a field of other material that verifies: refused, or the evidence is the same', () => {
    const property = fc.property(anyAccepted, anyAccepted, fc.nat(), (accepted, other, at) => {
      const [own, foreign] = [JSON.parse(accepted.text), JSON.parse(other.text)];
      const paths = pathsOf(own);
      const path = paths[at % paths.length] ?? [];
      const value = path.reduce((found, name) => found?.[name], foreign);
      if (value === undefined) return;
      const holder = path.slice(0, -1).reduce((found, name) => found[name], own);
      holder[path.at(-1) ?? ''] = value;
      holdsTheSame(accepted, JSON.stringify(own), () => true, `${path.join('/')} of ${other.name}`);
    });
    fc.assert(property, chance(1_500));
  });
});

/** Whether each part of the text that differs is malleable, or holds something that is. */
function mayDiffer(accepted: Accepted, text: string): boolean {
  const [truth, found] = [accepted.text, text].map(leavesOf);
  const names = new Set([...(truth?.keys() ?? []), ...(found?.keys() ?? [])]);
  const changed = [...names].filter((name) => truth?.get(name) !== found?.get(name));
  return changed.every((field) =>
    MALLEABLE_FIELDS.some((entry) => {
      const parts = entry.field.split('/').filter((part) => part !== '**' && !part.startsWith('('));
      const names = field.split('/').slice(0, parts.length);
      const isAbout = parts.length > 0 && names.every((name, at) => parts[at] === '*' || parts[at] === name);
      return isAbout && (entry.of ?? []).every((trait) => accepted.traits.has(trait));
    }),
  );
}

function leavesOf(text: string): ReadonlyMap<string, unknown> {
  const value = JSON.parse(text);
  const leaves = pathsOf(value).map((path): [string, unknown] => [
    path.join('/'),
    path.reduce((found, name) => found[name], value),
  ]);
  return new Map(leaves.filter(([, leaf]) => typeof leaf !== 'object'));
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, content]) => [
    [name],
    ...pathsOf(content).map((path) => [name, ...path]),
  ]);
}
