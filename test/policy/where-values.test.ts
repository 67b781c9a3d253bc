// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { compileWhere } from '../../src/policy/where.ts';

const IMAGE = { registry: 'reg.io', repository: 'web', digest: 'sha256:ab', tag: '' };
/** What these tests say is not how long it takes. */
const patient = (text: string) => compileWhere(text, { ms: 60_000, foundMs: 60_000 });
const evaluate = (text: string, predicate: unknown) =>
  patient(text).evaluate({ predicate, subject: [], image: IMAGE, now: 0 });

/** A value of JSON, written as CEL writes it. */
function literal(value: unknown): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : value.toExponential();
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`);
  return `{${pairs.join(', ')}}`;
}

/** Keys that mean something to JavaScript or to the library. */
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'size',
  'length',
  'get',
  '$typeName',
  '$unknown',
  'then',
  'a',
];
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, -1, 2.5, 2 ** 53, 1e300, '', 'a', '\u{1f600}', '"\\\n'),
    fc.array(tie('json'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('json')), { maxLength: 3 })
      .map((pairs) =>
        JSON.parse(
          `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
        ),
      ),
  ),
}));
const RUNS = { numRuns: 200, seed: 5 };

test('a value of JSON is equal to itself as CEL writes it, and to nothing else', () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      const text = literal(one);
      fc.pre(text.length < LIMITS.whereLength - 100);
      assert.equal(evaluate(`predicate == ${text}`, one), true);
      assert.equal(evaluate(`predicate == ${text}`, other), sorted(one) === sorted(other));
      assert.equal(evaluate(`predicate in [${text}]`, one), true);
    }),
    RUNS,
  );
});

/** The text of a value whose keys are in order. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`);
  return `{${pairs.sort().join()}}`;
}

test('no predicate makes a condition give anything but true, false, or a code', () => {
  const conditions = [
    'predicate.a == 1',
    'has(predicate.a) && predicate.a.all(x, x.size() > 0)',
    'predicate.exists(x, x == "a") || predicate.constructor == null',
    'predicate[0].get == predicate["length"]',
    'timestamp(predicate.a) < now || predicate.a.matches(predicate.then)',
    '"%s".format([predicate]) == string(predicate.size)',
  ].map(patient);
  fc.assert(
    fc.property(json, (predicate) => {
      for (const where of conditions) {
        try {
          assert.equal(
            typeof where.evaluate({ predicate, subject: predicate, image: IMAGE, now: 0 }),
            'boolean',
          );
        } catch (error) {
          assert.ok(error instanceof CountersignError && error.code === 'WHERE_FAILED', String(error));
        }
      }
    }),
    RUNS,
  );
});
