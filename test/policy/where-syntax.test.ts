// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileWhere } from '../../src/policy/where.ts';

describe('a condition with an error of syntax', () => {
  const rows: readonly (readonly [text: string, message: string])[] = [
    ['predicate.a = 1', '1:13: found "=" (did you mean "=="?)'],
    ['predicate.a === 1', '1:13: found "===" (did you mean "=="?)'],
    ['predicate.a !== 1', '1:13: found "!==" (did you mean "!="?)'],
    ['predicate.a == 1 and predicate.b == 2', '1:18: found "and" (did you mean "&&"?)'],
    ['predicate.a == 1 OR predicate.b == 2', '1:18: found "OR" (did you mean "||"?)'],
    ['predicate.a == 1 & true', '1:18: found "&" (did you mean "&&"?)'],
    ["predicate.a == 'x", `1:13: what stands after "==" cannot be read: "'x"`],
    ['predicate.a == “x”', '1:13: what stands after "==" cannot be read: "“x”"'],
    ['predicate.a == 1\n&& && predicate.b', '2:1: what stands after "&&" cannot be read: "&& predicate.b"'],
    ['predicate.a <> 1', '1:13: what stands after "<" cannot be read: "> 1"'],
    ['predicate.a == ', '1:13: nothing stands after "=="'],
    ['predicate.a in', '1:13: nothing stands after "in"'],
    ['predicate.a ? true', '1:13: what stands after "?" cannot be read: "true"'],
    ['predicate.a.size( == 1', '1:12: what begins here cannot be read: ".size( == 1"'],
    [`1 == '${'x'.repeat(60)}`, `1:3: what stands after "==" cannot be read: "'${'x'.repeat(39)}…"`],
    ['(predicate.a == 1', "1:18: found end of input but expecting ')'"],
    ['predicate.a == 1)', '1:17: found ) but expecting end of input'],
    ['&& true', '1:1: found & but expecting an expression'],
    ['!', '1:2: found end of input but expecting an expression'],
  ];
  for (const [text, message] of rows) {
    test(`says what to write, at the place where that begins: ${text.slice(0, 40)}`, () => {
      assert.throws(() => compileWhere(text), { code: 'POLICY_INVALID', message });
    });
  }
});
