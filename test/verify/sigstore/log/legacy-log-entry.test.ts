// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LIMITS } from '../../../../src/limits.ts';
import { parseLegacyLogEntry } from '../../../../src/verify/sigstore/log/legacy-log-entry.ts';

const invalid = { code: 'LOG_ENTRY_INVALID' };
const logID = 'ab'.repeat(32);
const payload = { body: 'e30=', integratedTime: 1700000000, logIndex: 123, logID };
const annotation = { SignedEntryTimestamp: 'aGk=', Payload: payload };
const parse = (value: unknown) => parseLegacyLogEntry(JSON.stringify(value));
const withPayload = (more: object) => ({ ...annotation, Payload: { ...payload, ...more } });

suite('the bundle annotation', () => {
  test('is an entry with a promise', () => {
    const { body, promise, ...rest } = parse({ ...annotation, more: 1 });
    assert.deepEqual(rest, { logId: logID, logIndex: 123n, integratedTime: 1_700_000_000n });
    assert.deepEqual([String(body), String(promise)], ['{}', 'hi']);
  });

  for (const [name, value] of [
    ['no object', []],
    ['no payload', { SignedEntryTimestamp: 'aGk=' }],
    ['no promise', { Payload: payload }],
    ['an empty promise', { ...annotation, SignedEntryTimestamp: '' }],
    ['a promise in another alphabet', { ...annotation, SignedEntryTimestamp: 'a_-=' }],
    ['no body', withPayload({ body: undefined })],
    ['an empty body', withPayload({ body: '' })],
    ['a body that is JSON, not base64', withPayload({ body: {} })],
    ['no id', withPayload({ logID: undefined })],
    ['an id in base64', withPayload({ logID: 'wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0=' })],
    ['an id in capitals', withPayload({ logID: logID.toUpperCase() })],
    ['an id that is cut', withPayload({ logID: logID.slice(2) })],
    ['no time', withPayload({ integratedTime: undefined })],
    ['a time in a string', withPayload({ integratedTime: '1700000000' })],
    ['a negative time', withPayload({ integratedTime: -1 })],
    ['half an index', withPayload({ logIndex: 0.5 })],
    ['an index too large', withPayload({ logIndex: 2 ** 53 })],
  ] as const) {
    test(`is refused with ${name}`, () => assert.throws(() => parse(value), invalid));
  }

  test('is refused when it names a field twice, and when it is no JSON', () => {
    const twice = JSON.stringify(annotation).replace('"logIndex"', '"logIndex":1,"logIndex"');
    assert.throws(() => parseLegacyLogEntry(twice), invalid);
    assert.throws(() => parseLegacyLogEntry('{'), invalid);
    assert.throws(() => parseLegacyLogEntry(''), invalid);
  });

  test('is bounded', () => {
    const long = withPayload({ body: 'AAAA'.repeat(LIMITS.logBodyBytes) });
    assert.throws(() => parse(long), { code: 'LIMIT_EXCEEDED' });
  });
});
