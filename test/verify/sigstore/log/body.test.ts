// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LIMITS } from '../../../../src/limits.ts';
import { at, parseBody } from '../../../../src/verify/sigstore/log/body.ts';

const parse = (text: string, kindVersion?: { kind: string; version: string }) =>
  parseBody({ logId: '', logIndex: 0n, body: Buffer.from(text), ...(kindVersion && { kindVersion }) });
const BODY = '{"apiVersion":"0.0.1","kind":"dsse","spec":{"a":{"b":1}}}';
const mismatch = { code: 'LOG_ENTRY_MISMATCH' };

suite('the body of a log entry', () => {
  test('says its kind and version', () => {
    const { type, spec } = parse(BODY);
    assert.equal(type, 'dsse 0.0.1');
    assert.equal(at(spec, 'a', 'b'), 1);
    assert.equal(parse(BODY, { kind: 'dsse', version: '0.0.1' }).type, type);
  });

  for (const [kind, version] of [
    ['intoto', '0.0.1'],
    ['dsse', '0.0.2'],
    ['', ''],
    ['dsse 0.0.1', ''],
  ] as const) {
    test(`is not what the bundle says: ${kind} ${version}`, () => {
      assert.throws(() => parse(BODY, { kind, version }), mismatch);
    });
  }

  for (const [name, text] of [
    ['nothing', ''],
    ['no JSON', BODY.slice(1)],
    ['a list', '[]'],
    ['no kind', '{"apiVersion":"0.0.1"}'],
    ['a kind that is no text', '{"apiVersion":"0.0.1","kind":["dsse"]}'],
    ['a kind twice', BODY.replace('"kind"', '"kind":"intoto","kind"')],
    ['a digest twice', BODY.replace('"b":1', '"b":1,"b":2')],
  ] as const) {
    test(`is refused with ${name}`, () => assert.throws(() => parse(text), mismatch));
  }

  test('is bounded', () => {
    const padded = (length: number) => BODY.padEnd(length);
    assert.equal(parse(padded(LIMITS.logBodyBytes)).type, 'dsse 0.0.1');
    assert.throws(() => parse(padded(LIMITS.logBodyBytes + 1)), { code: 'LIMIT_EXCEEDED' });
    assert.throws(() => parse('['.repeat(LIMITS.jsonDepth + 1)), { code: 'LIMIT_EXCEEDED' });
  });
});
