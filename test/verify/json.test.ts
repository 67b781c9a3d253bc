// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { parseJson } from '../../src/verify/json.ts';

const parse = (text: string | Uint8Array) => parseJson(Buffer.from(text), 'PAYLOAD_MALFORMED', 'payload');
const malformed = {
  name: 'VerificationError',
  code: 'PAYLOAD_MALFORMED',
  message: 'the payload is not JSON, or not in UTF-8, or names a field twice',
};
const tooLarge = { name: 'VerificationError', code: 'LIMIT_EXCEEDED' };

test('JSON of every form is read as JSON.parse reads it', () => {
  const texts = [
    '{"a":{"a":[{"a":1},{"a":2}]},"b":"x"}',
    ' [ 1 , "a,b" , { } , [ ] , null ] ',
    '{"a\\"b":1,"a\\\\":2,"a":"}]\\"{["}',
    '{"a" : "b" , "b" \n:\t"a"}',
    '"text"',
    '-1.5e3',
    '{"":1," ":2}',
    '["a","a"]',
    '{"x":"a","y":"a"}',
  ];
  for (const text of texts) assert.deepEqual(parse(text), JSON.parse(text));
});

test('a field that is named twice is refused, however it is written', () => {
  const texts = [
    '{"a":1,"a":1}',
    '{"a":1,"b":{"c":1,"c":2}}',
    '[{"a":1},{"b":1,"b":2}]',
    '{"a":1,"\\u0061":2}',
    '{"a\\\\":1,"a\\u005c":2}',
    '{"a" :1,"a"\n:2}',
    '{"a":{"b":1},"a":2}',
    '{"__proto__":1,"__proto__":2}',
  ];
  for (const text of texts) assert.throws(() => parse(text), malformed, text);
});

test('what is not JSON is refused', () => {
  const texts = [
    '',
    'x',
    '{',
    '{"a":',
    '"open',
    '{"a":1}x',
    '{"a":1}{}',
    "{'a':1}",
    '[1,]',
    '{"a\\":1}',
    '<html>',
  ];
  for (const text of texts) assert.throws(() => parse(text), malformed, text);
});

test('bytes that are not UTF-8, and a byte order mark, are refused', () => {
  assert.throws(() => parse(Buffer.from('7b22ff223a317d', 'hex')), malformed);
  assert.throws(() => parse(Buffer.from('efbbbf7b7d', 'hex')), malformed);
  assert.throws(() => parse(Buffer.from('{"a":1}', 'utf16le')), malformed);
});

test('depth is bounded, one over is refused', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  parse(nested(LIMITS.jsonDepth));
  assert.throws(() => parse(nested(LIMITS.jsonDepth + 1)), tooLarge);
  assert.throws(() => parse('{"a":'.repeat(100_000)), tooLarge);
});

test('the number of values is bounded, one over is refused', () => {
  const values = (count: number) => `[${'0,'.repeat(count - 2)}0]`;
  parse(values(LIMITS.jsonValues - 1));
  assert.throws(() => parse(values(LIMITS.jsonValues + 2)), tooLarge);
  assert.throws(() => parse(`[${'{},'.repeat(LIMITS.jsonValues)}0]`), tooLarge);
});

test('strings of backslashes and quotes take linear time', { timeout: 60_000 }, () => {
  parse(JSON.stringify('\\"'.repeat(1_000_000)));
  parse(JSON.stringify('\\'.repeat(4_000_000)));
  assert.throws(() => parse(`{"${'\\'.repeat(4_000_000)}`), malformed);
});

test('what is no JSON builds no more than its values would', () => {
  for (const [text, reason] of [
    ['{"a":"b":"c":"d"', /names more than there is/],
    [']]][[[', /more is closed/],
  ] as const) {
    assert.throws(() => parse(text), malformed);
    assert.throws(
      () => parse(text),
      ({ cause }: Error) => cause instanceof SyntaxError && reason.test(cause.message),
    );
  }
});

test('the message does not repeat what was sent', () => {
  assert.throws(
    () => parse('\u001b[31mred'),
    (error: Error) => !error.message.includes('red'),
  );
});
