// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LIMITS } from '../../../../src/limits.ts';
import { parseCheckpoint } from '../../../../src/verify/sigstore/log/checkpoint.ts';
import {
  demandCheckpoint,
  isV1Checkpoint,
} from '../../../../src/verify/sigstore/log/checkpoint-signatures.ts';
import type { TrustedLog } from '../../../../src/verify/trust-root.ts';
import { createTestLog, type TestLog } from '../../../support/test-log.ts';

const ROOT = Buffer.alloc(32, 7);
const proof = { logIndex: 5n, treeSize: 11n, rootHash: ROOT, hashes: [], checkpoint: '' };
const invalid = { code: 'LOG_ENTRY_INVALID' };

const demand = (checkpoint: string, { trusted }: TestLog, more: Partial<TrustedLog> = {}) =>
  demandCheckpoint(parseCheckpoint(checkpoint), proof, { ...trusted, ...more });
/** A line with something else than the log's signature, under its name and hint. */
const badLine = ({ host, hint }: TestLog) =>
  `— ${host} ${Buffer.concat([hint, Buffer.alloc(64, 1)]).toString('base64')}\n`;

for (const [origin, isV1] of [
  ['rekor.sigstore.dev - 2605736670972794746', true],
  ['a - b - 7', true],
  ['rekor.sigstore.dev', false],
  ['rekor.sigstore.dev - ', false],
  ['rekor.sigstore.dev - 1a', false],
  [' - 7', false],
  ['rekor.sigstore.dev-7', false],
] as const) {
  test(`${JSON.stringify(origin)} is ${isV1 ? '' : 'not '}an origin of Rekor v1`, () => {
    assert.equal(isV1Checkpoint(parseCheckpoint(`${origin}\n1\n${ROOT.toString('base64')}\n\n`)), isV1);
  });
}

for (const log of [createTestLog(1), createTestLog(2)]) {
  suite(`the checkpoint of ${log.origin}`, () => {
    const text = log.checkpointText(11, ROOT);

    test('is good as the log signs it', () => demand(log.checkpoint(text), log));

    for (const [name, checkpoint] of [
      ['of another size', log.checkpoint(log.checkpointText(12, ROOT))],
      ['of another root', log.checkpoint(log.checkpointText(11, Buffer.alloc(32, 8)))],
      ['without signatures', `${text}\n`],
      ['with a signature over another text', log.checkpoint(text, log.signatureLine(`${text}more\n`))],
      ['with more text than was signed', log.checkpoint(`${text}more\n`, log.signatureLine(text))],
      [
        'with a signature of another hint',
        log.checkpoint(text, log.signatureLine(text, log.host, ROOT.subarray(4, 8))),
      ],
      ['with a signature that is none', log.checkpoint(text, badLine(log))],
    ] as const) {
      test(`is refused ${name}`, () => assert.throws(() => demand(checkpoint, log), invalid));
    }

    test('is refused when another key is trusted by its name', () => {
      const { key, spki } = createTestLog(log.origin === log.host ? 2 : 1).trusted;
      assert.throws(() => demand(log.checkpoint(text), log, { key }), invalid, 'the hint fits');
      assert.throws(() => demand(log.checkpoint(text), log, { key, spki }), invalid);
    });
  });
}

suite('a checkpoint of Rekor v1', () => {
  const log = createTestLog(1);
  const text = log.checkpointText(11, ROOT);
  const good = log.signatureLine(text);

  test('may be signed twice by the log', () => demand(log.checkpoint(text, good, good), log));

  test('has so many signatures at most: one that is good costs as much each time it is repeated', () => {
    const most = Array<string>(LIMITS.checkpointOwnSignatures).fill(good);
    demand(log.checkpoint(text, ...most), log);
    assert.throws(() => demand(log.checkpoint(text, ...most, good), log), { code: 'LIMIT_EXCEEDED' });
  });

  for (const [name, line] of [
    ['of another key', createTestLog(1).signatureLine(text)],
    ['that is none', badLine(log)],
    ['under another name than its host', log.signatureLine(text, 'rekor.example')],
  ] as const) {
    test(`is refused with a further signature ${name}`, () => {
      assert.throws(() => demand(log.checkpoint(text, good, line), log), invalid);
      assert.throws(() => demand(log.checkpoint(text, line, good), log), invalid);
    });
  }

  test('may be by a key of another curve or kind', () => {
    for (const kind of ['rsa', 'ed25519'] as const) {
      const other = createTestLog(1, kind);
      demand(other.checkpoint(text), other);
    }
  });
});

suite('a checkpoint of Rekor v2', () => {
  const log = createTestLog(2);
  const text = log.checkpointText(11, ROOT);
  const good = log.signatureLine(text);
  const witness = createTestLog(2, 'ed25519', 'witness.test').signatureLine(text);

  test('may be signed by witnesses and more than once by the log, in any order', () => {
    for (const lines of [
      [witness, good],
      [good, witness],
      [badLine(log), good],
      [good, badLine(log)],
      [log.signatureLine(text, '*'.repeat(500)), good],
    ]) {
      demand(log.checkpoint(text, ...lines), log);
    }
  });

  for (const [name, line] of [
    ['a witness only', witness],
    ['the log under another name', log.signatureLine(text, 'witness.test')],
    ['the log under a name of asterisks', log.signatureLine(text, '*'.repeat(500))],
  ] as const) {
    test(`is refused when it is signed by ${name}`, () => {
      assert.throws(() => demand(log.checkpoint(text, line), log), invalid);
    });
  }

  test('is refused for a log at another place, and for one of which nobody knows the place', () => {
    for (const baseUrl of [
      'https://other.test',
      'https://log.test.other.test',
      'https://a.log.test',
      'log.test',
      '',
    ]) {
      assert.throws(() => demand(log.checkpoint(text), log, { baseUrl }), invalid, baseUrl);
    }
    const other = log.checkpointText(11, ROOT, 'other.test');
    assert.throws(() => demand(log.checkpoint(other, log.signatureLine(other, 'other.test')), log), invalid);
  });

  for (const kind of ['ec', 'rsa'] as const) {
    test(`may be by a key of kind ${kind}`, () => {
      const other = createTestLog(2, kind);
      demand(other.checkpoint(text), other);
      assert.throws(() => demand(log.checkpoint(text), other), invalid);
    });
  }

  test('of a log with an address of IPv6 has it without brackets', () => {
    const local = createTestLog(2, 'ed25519', '::1');
    demand(local.checkpoint(local.checkpointText(11, ROOT)), local, { baseUrl: 'http://[::1]:3003' });
  });

  test('has so many signatures of its log at most, since each costs a verification', () => {
    const bad = Array<string>(LIMITS.checkpointOwnSignatures).fill(badLine(log));
    demand(log.checkpoint(text, ...bad.slice(1), good), log);
    assert.throws(() => demand(log.checkpoint(text, ...bad, good), log), { code: 'LIMIT_EXCEEDED' });
    demand(log.checkpoint(text, ...Array<string>(LIMITS.checkpointSignatures - 1).fill(witness), good), log);
  });
});
