// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import type { WhereInput } from '../../src/policy/index.ts';
import { compileWhere, variablesOf } from '../../src/policy/where.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

/** As a statement has it: out of JSON, where `__proto__` is a key like any other. */
const PREDICATE = JSON.parse(`{
  "text": "refs/heads/main", "int": 3, "zero": 0, "minus": -0, "double": 2.5, "big": 9007199254740993, "huge": 1e999,
  "nil": null, "yes": true, "list": [1, 2.5, "x", null, [], {"a": 1}], "numbers": [3, 1, 2], "map": {"a": 1, "b": 2},
  "time": "2026-11-20T08:30:00+02:00", "odd": "yesterday", "quote": "a\\nb", "face": "😀", "empty": {},
  "__proto__": {"admin": true}, "constructor": {"name": "Object"}, "toString": "text", "hasOwnProperty": 1,
  "message": {"$typeName": "google.protobuf.BoolValue", "value": true}, "with-dash": 1
}`);

/** Texts that are no numbers, durations or times, or are read as such by JavaScript alone: each under itself. */
const TEXTS = Object.fromEntries(
  [
    ...['', ' ', ' 3 ', '0x10', '0b1', '1_000', '1.5', 'n/a', '9223372036854775808', '18446744073709551616'],
    ...['+', '-', '+1', '-1', 'NaN', 'Infinity', '1e999', '.', '1,5', '7.', '.5', '1e2', '007'],
    ...['2026-02-30T00:00:00Z', '2026-11-20T24:00:00Z', '2026-11-20'],
  ].map((text) => [text, text]),
);

const INPUT: WhereInput = {
  predicate: { ...PREDICATE, ...TEXTS },
  subject: [{ name: 'reg.io/web', digest: { sha256: 'ab' } }],
  image: { registry: 'reg.io', repository: 'web', digest: 'sha256:ab', tag: '' },
  now: NOW,
};

function outcome(text: string, input: WhereInput = INPUT): boolean | string {
  try {
    // What these tests say is not how long it takes.
    return compileWhere(text, { ms: 60_000, foundMs: 60_000 }).evaluate(input);
  } catch (error) {
    assert.ok(error instanceof CountersignError, String(error));
    return `${error.code}: ${error.message}`;
  }
}

describe('true', () => {
  for (const text of [
    'predicate.text == "refs/heads/main"',
    'predicate["with-dash"] == 1',
    'predicate.int == 3 && predicate.int < 10 && predicate.int + 1 == 4',
    'size(predicate.numbers) == predicate.int',
    'predicate.list[0] == 1 && predicate.list[1] == 2.5 && predicate.list[1] > 2',
    'predicate.double > 2.0 && predicate.double * 2.0 == 5.0',
    'predicate.int > 2.5 && predicate.int == 3.0 && double(predicate.int) / 2.0 == 1.5',
    'predicate.zero == predicate.minus',
    'predicate.numbers.all(n, n >= 1) && predicate.numbers.exists(n, n == 2)',
    'predicate.numbers.filter(n, n > 1).map(n, n * 10) == [30, 20]',
    'predicate.numbers.exists_one(n, n == 3)',
    'predicate.map.all(key, predicate.map[key] > 0) && "a" in predicate.map && !("c" in predicate.map)',
    'has(predicate.map.a) && !has(predicate.map.c)',
    'has(predicate.nil) && "nil" in predicate && predicate.nil == null',
    'predicate.text.startsWith("refs/") && predicate.text.endsWith("main") && predicate.text.contains("heads")',
    'predicate.text.matches("^refs/heads/(main|release-[0-9]+)$")',
    'predicate.text.split("/")[1] == "heads" && "A".lowerAscii() == "a" && "a-b".replace("-", "") == "ab"',
    'timestamp(predicate.time) > now - duration("168h")',
    'now - timestamp(predicate.time) < duration("168h")',
    'timestamp(1795348800) == timestamp("2026-11-22T12:00:00Z") && timestamp(1795348800) == now',
    'now.getFullYear() == 2026',
    'int(predicate["007"]) == 7 && int(predicate["+1"]) == 1 && int("-1") == -1 && uint(predicate["007"]) == 7u',
    'double(predicate["7."]) == 7.0 && double(predicate[".5"]) == 0.5 && double(predicate["1e2"]) == 100.0',
    'image.registry == "reg.io" && image.digest == "sha256:ab" && image.tag == ""',
    'subject.exists(s, s.digest.sha256 == image.digest.substring(7))',
    'type(predicate.text) == string && type(predicate.int) == int && type(predicate.double) == double',
    'size(predicate.face) == 1 && predicate.quote == "a\\nb"',
    '(predicate.yes ? predicate.int : 0) == 3',
    'predicate.list == [1, 2.5, "x", null, [], {"a": 1}]',
    '[1, 2].all(now, now > 0)',
    '.predicate.yes',
    '"missing" in predicate || predicate.yes',
    // What other languages would take for something else is data.
    'has(predicate.__proto__) && predicate.__proto__.admin && !has(predicate.admin)',
    'predicate.constructor.name == "Object" && predicate.toString == "text" && predicate.hasOwnProperty == 1',
    'predicate.message["$typeName"] == "google.protobuf.BoolValue" && predicate.message.value',
    '!has(predicate.empty.constructor) && !("toString" in predicate.empty) && size(predicate.empty) == 0',
    'predicate.huge > 1.0e308',
    'type(predicate.big) == double',
  ]) {
    test(text, () => assert.equal(outcome(text), true));
  }
});

describe('false', () => {
  for (const text of [
    'predicate.int == "3"',
    'predicate.text == "refs/heads/Main"',
    'false',
    '!predicate.yes',
  ]) {
    test(text, () => assert.equal(outcome(text), false));
  }
});

describe('no value, so a denial', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    [
      'predicate.missing == 1',
      /found no value at 1:10: there is no predicate\.missing; predicate has "text", "int", "zero", "minus" and more \(wanted: true or false\)$/,
    ],
    ['!predicate.missing', /there is no predicate\.missing; /],
    ['predicate["a b"] == 1', /1:1: there is no predicate\["a b"\]; predicate has "text", /],
    ['predicate.map["c"] == 1', /there is no predicate\.map\.c; predicate\.map has "a", "b" \(wanted/],
    ['predicate.empty.x == 1', /there is no predicate\.empty\.x; predicate\.empty is empty \(wanted/],
    ['predicate.list.all(x, x.a == 1)', /there is no predicate\.list\[0\]\.a; predicate\.list\[0\] is 1 \(/],
    ['predicate.list.filter(x, has(x.a)).all(x, x.b == 1)', /found no value/],
    ['predicate.text', /found a value of type string/],
    ['predicate.int', /found a value of type int/],
    ['predicate.nil', /found a value of type null_type/],
    ['predicate.map', /found a value of type map/],
    ['predicate.text.x == 1', /there is no predicate\.text\.x; predicate\.text is "refs\/heads\/main" \(/],
    ['predicate.nil.x == 1', /there is no predicate\.nil\.x; predicate\.nil is null \(/],
    ['predicate.list[9] == 1', /there is no predicate\.list\[9\]; predicate\.list is a list of 6 \(/],
    ['predicate.list[-1] == 1', /there is no predicate\.list\[-1\]; /],
    ['predicate.list[predicate.int + 9] == 1', /out of bounds/],
    ['predicate.int < "4"', /no matching overload/],
    ['predicate.int * 1.5 > 1.0', /no matching overload/],
    ['predicate.int / predicate.zero == 1', /divide by zero/],
    ['predicate.int % predicate.zero == 1', /modulus by zero/],
    ['predicate.int * 9223372036854775807 > 0', /overflow/],
    ['timestamp(predicate.odd) < now', /Failed to parse timestamp/],
    ['predicate.text.matches(predicate.text + "[")', /missing closing/],
    ['predicate.numbers.all(n, n.x > 0)', /found no value/],
    ['predicate.yes && predicate.missing', /there is no predicate\.missing; /],
    ['timestamp(predicate.big) < now', /found no value/],
    ...[
      ...['', ' ', ' 3 ', '0x10', '0b1', '1_000', '1.5', 'n/a', '9223372036854775808'].flatMap((text) => [
        `int(predicate["${text}"]) < 100`,
        `!(int(predicate["${text}"]) > 100)`,
      ]),
      ...['', '+1', '-1', '0x10', '18446744073709551616'].map((text) => `uint(predicate["${text}"]) < 100u`),
      ...['', ' ', ' 3 ', '0x10', 'n/a', 'NaN', 'Infinity', '1e999', '.', '1,5'].flatMap((text) => [
        `double(predicate["${text}"]) < 7.0`,
        `!(double(predicate["${text}"]) >= 7.0)`,
      ]),
      ...['', '-', '+'].map((text) => `duration(predicate["${text}"]) < duration("1s")`),
      ...['2026-02-30T00:00:00Z', '2026-11-20T24:00:00Z', '2026-11-20'].map(
        (text) => `timestamp(predicate["${text}"]) < now`,
      ),
    ].map((text) => [text, /found no value/] as const),
    ['predicate.numbers.all(n, n)', /found no value/],
    ['predicate && true', /found no value/],
    [
      'subject[0].digest.sha512 == "x"',
      /there is no subject\[0\]\.digest\.sha512; subject\[0\]\.digest has "sha256" \(/,
    ],
  ];
  for (const [text, message] of rows) {
    test(text, () => {
      const found = String(outcome(text));
      assert.match(found, /^WHERE_FAILED: where: /);
      assert.match(found, message);
    });
  }

  test('foreign text stands in the message escaped and cut', () => {
    const predicate = JSON.parse(`{"t": "a\\n\\u001b[31m${'x'.repeat(1000)}"}`);
    const found = String(outcome('timestamp(predicate.t) < now', { ...INPUT, predicate }));
    assert.ok(!found.includes('\n') && !found.includes('\u001b'), found);
    assert.ok(found.length < 300, found);
  });

  test('a time that is none', () => {
    const found = outcome('now > timestamp("2026-01-01T00:00:00Z")', { ...INPUT, now: Number.NaN });
    assert.match(String(found), /^WHERE_FAILED/);
  });

  test('predicates that are no objects', () => {
    for (const predicate of [undefined, null, 'x', 1, []]) {
      assert.match(String(outcome('predicate.x == 1', { ...INPUT, predicate })), /^WHERE_FAILED/);
    }
  });
});

describe('errors at load, each with its place', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    [
      'predicat.x == 1',
      /^1:1: unknown variable "predicat" \(did you mean "predicate"\? allowed: predicate, /,
    ],
    ['predicate.x == 1 &&\n  nwo > now', /^2:3: unknown variable "nwo" \(did you mean "now"\?/],
    [
      'predicate.l.all(x, y > 1)',
      /^1:20: unknown variable "y" \(.*allowed: predicate, subject, image, now, x\)/,
    ],
    ['predicate.l.all(x, true) && x', /unknown variable "x"/],
    ['@result == 1', /^1:1: /],
    ['predicate.null == 1', /^1:11: a reserved word; write \["null"\]/],
    ['predicate ==', /^1:\d+: /],
    ['predicate.x == 1 predicate', /^1:\d+: found/],
    ['"open', /^1:1: /],
    [' ', /^1:\d+: /],
    ['predicate.x = 1', /^1:\d+: /],
    ['predicate.l.al(x, true)', /^1:\d+: unknown function "al"/],
    ['predicate.l.all(true)', /all is not written like this \(allowed: list\.all\(x, test\)\)/],
    ['has(predicate)', /^1:\d+: /],
    ['has("x")', /^1:\d+: /],
    ['predicate.t.startsWith("a", "b")', /there is no value\.startsWith\(…\) with 2 arguments/],
    ['startsWith("a", "b")', /there is no startsWith\(…\) with 2 arguments/],
    ['eval("1")', /unknown function "eval"/],
    ['predicate.constructor("x")', /unknown function "constructor"/],
    ['google.protobuf.BoolValue{value: true}', /found the message "google\.protobuf\.BoolValue"/],
    ['now - duration("7d") > now', /^1:16: found "7d" \(allowed: a duration such as "168h"/],
    ['timestamp("today") < now', /^1:11: found "today" \(allowed: a time such as/],
    ['predicate.t.matches("(?=a)")', /^1:21: found "\(\?=a\)" \(allowed: a regular expression of RE2\)/],
    ['predicate.t.matches("[")', /RE2/],
    ['"true"', /^1:1: this is neither true nor false/],
    ['1 + 1', /neither true nor false/],
    ['predicate.a + "b"', /neither true nor false/],
    ['size(predicate.l)', /neither true nor false/],
    ['[predicate]', /neither true nor false/],
    [`${'('.repeat(1500)}true${')'.repeat(1500)}`, /^1:1: nested too deep/],
    [`true || ${'x'.repeat(4096)}`, /longer than 4096 characters/],
    ['foo == bar', /^1:1: unknown variable "foo".*; 1:8: unknown variable "bar"/],
  ];
  for (const [text, message] of rows) {
    test(text.slice(0, 60), () => {
      assert.throws(() => compileWhere(text), { code: 'POLICY_INVALID', message });
    });
  }
});

test('whether an expression looks at the time', () => {
  const usesNow = (text: string) => compileWhere(text).usesNow;
  assert.deepEqual(
    [
      'now > timestamp(predicate.t)',
      'predicate.l.exists(x, has(predicate.y) && now > x)',
      '{"a": now}.a == 1',
    ].map(usesNow),
    [true, true, true],
  );
  assert.deepEqual(['predicate.now == 1', '"now" == "now"', 'has(predicate.now)'].map(usesNow), [
    false,
    false,
    false,
  ]);
  assert.deepEqual([...variablesOf(compileWhere('image.tag == predicate.tag'))], ['image', 'predicate']);
});

test('which expressions may look at the tag', () => {
  const looksAtTag = (text: string) => compileWhere(text).looksAtTag;
  const yes = [
    'image.tag == predicate.tag',
    '.image.tag == "x"',
    'has(image.tag)',
    'image["tag"] == "x"',
    'image[predicate.field] == "x"',
    '[image].all(i, i.tag == "x")',
    'image == predicate.image',
    'image.digest == "x" && image.exists(key, image[key] == "x")',
    '[1].all(image, image == 1)',
  ];
  const no = [
    'predicate.tag == "x"',
    'image.digest == predicate.digest',
    'predicate.image.tag == "x" && image.repository == "web" && image.registry == "reg.io" && has(image.digest)',
    '"image.tag" == predicate.text',
  ];
  assert.deepEqual(
    yes.filter((text) => !looksAtTag(text)),
    [],
  );
  assert.deepEqual(no.filter(looksAtTag), []);
});

test('the same expression serves many inputs', () => {
  const where = compileWhere('predicate.n == 1 && now > timestamp("2026-01-01T00:00:00Z")');
  const answers = [1, 2, 1].map((n) => where.evaluate({ ...INPUT, predicate: { n } }));
  assert.deepEqual(answers, [true, false, true]);
  assert.equal(where.evaluate({ ...INPUT, predicate: { n: 1 }, now: 0 }), false);
});
