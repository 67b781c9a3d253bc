// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LIMITS } from '../../../../src/limits.ts';
import { parseCheckpoint } from '../../../../src/verify/sigstore/log/checkpoint.ts';

const ROOT = Buffer.alloc(32, 7).toString('base64');
const LINE = `— log.test ${Buffer.from('hintsignature').toString('base64')}\n`;
const TEXT = `log.test\n11\n${ROOT}\n`;

suite('a checkpoint', () => {
  test('is origin, size, root and signatures; the text that is signed ends before the empty line', () => {
    const { origin, size, rootHash, text, signatures } = parseCheckpoint(`${TEXT}more\n\n${LINE}${LINE}`);
    assert.deepEqual([origin, size, rootHash], ['log.test', '11', Buffer.alloc(32, 7)]);
    assert.equal(String(text), `${TEXT}more\n`);
    assert.equal(signatures.length, 2);
    const [{ name, hint, signature } = { name: '', hint: '', signature: Buffer.alloc(0) }] = signatures;
    assert.deepEqual([name, hint, String(signature)], ['log.test', '68696e74', 'signature']);
  });

  test('without signatures is read; that they are missing is for those who want one', () => {
    assert.deepEqual(parseCheckpoint(`${TEXT}\n`).signatures, []);
  });

  for (const [name, checkpoint] of [
    ['nothing', ''],
    ['no empty line', `${TEXT}${LINE}`],
    ['two empty lines', `${TEXT}\n\n${LINE}`],
    ['an empty line in the text', `log.test\n11\n${ROOT}\n\nmore\n\n${LINE}`],
    ['an empty line among the signatures', `${TEXT}\n${LINE}\n${LINE}`],
    ['no origin', `\n11\n${ROOT}\n\n${LINE}`],
    ['no size', `log.test\n${ROOT}\n\n${LINE}`],
    ['a size that is not written as sizes are', `log.test\n011\n${ROOT}\n\n${LINE}`],
    ['a negative size', `log.test\n-11\n${ROOT}\n\n${LINE}`],
    ['a root that is not base64', `log.test\n11\n${ROOT.slice(1)}\n\n${LINE}`],
    ['a last line that does not end', `${TEXT}\n${LINE.trimEnd()}`],
    ['a hyphen for the dash', `${TEXT}\n${LINE.replace('—', '-')}`],
    ['a signature without a name', `${TEXT}\n— ${LINE.slice('— log.test '.length)}`],
    ['a name with a space', `${TEXT}\n${LINE.replace('log.test', 'log test')}`],
    ['a signature that is not base64', `${TEXT}\n— log.test a*b=\n`],
    ['a signature of four bytes, all of them the hint', `${TEXT}\n— log.test aGludA==\n`],
    ['line ends of two characters', `${TEXT}\n${LINE}`.replaceAll('\n', '\r\n')],
  ] as const) {
    test(`with ${name} is refused`, () => {
      assert.throws(() => parseCheckpoint(checkpoint), { code: 'LOG_ENTRY_INVALID' });
    });
  }

  test('with a name of asterisks and brackets is a checkpoint: it is no pattern', () => {
    const name = '*'.repeat(1000) + '('.repeat(1000);
    assert.equal(parseCheckpoint(`${name}\n11\n${ROOT}\n\n${LINE.replace('log.test', name)}`).origin, name);
  });

  test('is bounded in characters and signatures', () => {
    const long = `${TEXT}${'x'.repeat(LIMITS.checkpointBytes)}\n\n${LINE}`;
    assert.throws(() => parseCheckpoint(long), { code: 'LIMIT_EXCEEDED' });
    const many = (count: number) => `${TEXT}\n${LINE.repeat(count)}`;
    assert.equal(
      parseCheckpoint(many(LIMITS.checkpointSignatures)).signatures.length,
      LIMITS.checkpointSignatures,
    );
    assert.throws(() => parseCheckpoint(many(LIMITS.checkpointSignatures + 1)), { code: 'LIMIT_EXCEEDED' });
  });
});
