// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import type { WhereInput } from '../../src/policy/index.ts';
import { compileWhere } from '../../src/policy/where.ts';
import { EACH } from '../../src/policy/where-fields.ts';
import { describeFound } from '../../src/policy/where-found.ts';

const PREDICATE = JSON.parse(`{
  "builder": {"id": "https://ci.example/other"}, "count": 3, "text": "main", "yes": false, "nil": null,
  "deps": [{"uri": "a", "digest": {"x": 1}}, {"uri": "b"}, {"name": "c"}], "empty": [],
  "keys": {"k1": 1, "k2": 2, "k3": 3, "k4": 4, "k5": 5}, "a-b": 1, "when": "2026-01-01T00:00:00Z",
  "__proto__": {"admin": "no"}
}`);

const INPUT: WhereInput = {
  predicate: PREDICATE,
  subject: [{ name: 'web', digest: { sha256: 'ab' } }],
  image: { registry: 'reg.io', repository: 'web', digest: 'sha256:ab', tag: '' },
  now: Date.parse('2026-11-22T12:00:00Z'),
};

/** What these tests say is not how long it takes. */
const PATIENT = { ms: 60_000, foundMs: 60_000 };

function found(text: string, input = INPUT): string {
  const where = compileWhere(text, PATIENT);
  assert.equal(where.evaluate(input), false, text);
  return where.found(input);
}

describe('what was found where a condition is false', () => {
  const rows: readonly (readonly [where: string, found: string])[] = [
    ['predicate.builder.id == "x"', 'predicate.builder.id "https://ci.example/other"'],
    ['predicate["builder"]["id"] == "x"', 'predicate.builder.id "https://ci.example/other"'],
    ['predicate["a-b"] == 2', 'predicate["a-b"] 1'],
    ['predicate.yes || predicate.count > 4', 'predicate.yes false, predicate.count 3'],
    ['predicate.nil == 1', 'predicate.nil null'],
    ['has(predicate.other)', 'predicate.other (not there)'],
    ['has(predicate.toString)', 'predicate.toString (not there)'],
    ['predicate.__proto__.admin == "yes"', 'predicate.__proto__.admin "no"'],
    ['predicate.text == image.tag', 'predicate.text "main", image.tag ""'],
    ['image.digest.split(":")[1] == predicate.text', 'image.digest "sha256:ab", predicate.text "main"'],
    [
      'size(predicate.deps) > 7 || predicate.keys == {}',
      'predicate.deps a list of 3, predicate.keys a map of 5',
    ],
    ['predicate.deps[0].digest.x == 2', 'predicate.deps[0].digest.x 1'],
    ['predicate.deps.all(d, d.uri == "a")', 'predicate.deps[*].uri "a", "b", (not there)'],
    ['predicate.deps.exists(d, has(d.odd))', 'predicate.deps[*].odd (not there)'],
    ['predicate.keys.exists(k, k == "z")', 'predicate.keys[*] "k1", "k2", "k3", "k4" and more'],
    ['predicate.empty.exists(d, d.x == 1)', 'predicate.empty[*].x (none)'],
    ['subject.exists(s, s.digest.sha256 == "x")', 'subject[*].digest.sha256 "ab"'],
    ['[predicate.text].exists(x, x == "y")', 'predicate.text "main"'],
    [
      'now - timestamp(predicate.when) < duration("24h")',
      'now "2026-11-22T12:00:00.000Z", predicate.when "2026-01-01T00:00:00Z"',
    ],
    ['false', ''],
  ];
  for (const [where, text] of rows) {
    test(where, () => assert.equal(found(where), text));
  }

  test('of several parts only the first that is false is told', () => {
    const parts = ['predicate.count == 3', 'predicate.text == "dev"', 'predicate.builder.id == "x"'];
    assert.equal(found(parts.join(' && ')), 'predicate.text "main"');
    assert.equal(found(`(${parts.join(') && (')}) && predicate.missing`), 'predicate.text "main"');
  });

  test('a variable of a macro is no other variable of its name', () => {
    assert.equal(found('predicate.deps.exists(image, has(image.tag))'), 'predicate.deps[*].tag (not there)');
  });
});

describe('what is told is bounded', () => {
  const predicateOf = (predicate: unknown): WhereInput => ({ ...INPUT, predicate });

  test('foreign text is escaped and cut', () => {
    const id = `a\n\u001b[31m\u202e${'x'.repeat(100_000)}`;
    const text = found('predicate.id == "x"', predicateOf({ id }));
    assert.ok(text.startsWith('predicate.id "a\\n\\u001b[31m\\u202exxx') && text.endsWith('…"'), text);
    assert.ok(text.length < 200);
  });

  test('many fields, and long ones', () => {
    const names = Array.from({ length: 40 }, (_, index) => `f${index}`);
    const all = names.map((name) => `predicate.${name} == "x"`).join(' || ');
    const text = (value: string) =>
      found(all, predicateOf(Object.fromEntries(names.map((name) => [name, value]))));
    assert.equal(text('').split(', ').length, LIMITS.whereFoundFields);
    assert.ok(text('').endsWith('predicate.f5 "" and more'));
    const long = text('\u202e'.repeat(500));
    assert.ok(long.length <= LIMITS.whereFoundLength + 20 && long.endsWith(' and more'), long);
  });

  test('a list of half a million, and what is nested deeper than anything is', () => {
    const all = Array.from({ length: 500_000 }, () => []);
    const field = { variable: 'predicate', steps: [EACH, EACH] } as const;
    assert.equal(describeFound([field], predicateOf(all)), 'predicate[*][*] (none)');
    const deep = `predicate${'.a'.repeat(1500)}`;
    assert.equal(found(`has(predicate.b) && ${deep} == 1`, predicateOf({})), 'predicate.b (not there)');
    assert.throws(() => compileWhere(`${deep} == 1`, PATIENT).evaluate(predicateOf({})), {
      code: 'WHERE_FAILED',
    });
  });

  test('names of keys that are there are escaped and few', () => {
    const predicate = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`\u202e${index}`.repeat(200), 1]),
    );
    assert.throws(
      () => compileWhere('predicate.x == 1', PATIENT).evaluate(predicateOf(predicate)),
      ({ message }: Error) => !message.includes('\u202e') && message.length < 1200,
    );
  });
});
