// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Attested, decideAttestation } from '../src/decide-attestation.ts';
import type { Code } from '../src/errors.ts';
import type { AttestationRequirement, Requirement } from '../src/policy/index.ts';
import { keySigner } from './support/key-signer.ts';

const TYPE = 'https://slsa.dev/provenance/v1';

const signer = (name: string): Requirement => ({ kind: 'signer', signer: keySigner(name) });
const builder = signer('builder');
const both: Requirement = { kind: 'all', of: [builder, signer('scanner')] };
const either: Requirement = { kind: 'any', of: [builder, signer('scanner')] };

type More = {
  readonly by?: string;
  readonly times?: readonly number[];
  readonly content?: string;
  readonly key?: string;
};

/** A pass is VERIFIED; any other code with `times` is of an authentic one, on which `where` had its say. */
function one(code: Code, { by = 'builder', times, content = '', key = by }: More = {}): Attested {
  const status = code === 'VERIFIED' ? 'verified' : INCONCLUSIVE.includes(code) ? 'inconclusive' : 'rejected';
  const evidence = { identity: `key:${key}`, keyFingerprint: key, algorithm: 'x', format: 'bundle' } as const;
  const outcome = {
    signer: by,
    candidate: `${code}#0`,
    attestation: TYPE,
    storage: 'tag',
    status,
    code,
    message: code.toLowerCase(),
    evidence,
  } as const;
  return times === undefined ? { outcome } : { outcome, authentic: { content, times } };
}

const INCONCLUSIVE: readonly Code[] = ['BLOB_NOT_FOUND', 'LIMIT_EXCEEDED', 'WHERE_TIMEOUT'];
const GOOD = one('VERIFIED', { times: [] });
const BAD = one('ATTESTATION_REJECTED', { times: [] });
const SLOW = one('WHERE_TIMEOUT', { times: [] });
const JUNK = one('SIGNATURE_INVALID');
const GONE = one('BLOB_NOT_FOUND');
const at = (code: Code, time: number, more: More = {}) =>
  one(code, { times: [time], content: `${time}`, ...more });
const DOWN = { code: 'REGISTRY_ERROR', message: 'down' } as const;

type Row = readonly [
  string,
  Requirement,
  readonly Attested[],
  readonly (typeof DOWN)[],
  'verified' | 'rejected' | 'inconclusive',
  Code,
];

const ROWS: Readonly<Record<AttestationRequirement['quantifier'], readonly Row[]>> = {
  every: [
    ['none', builder, [], [], 'rejected', 'ATTESTATION_MISSING'],
    ['none, a store down', builder, [], [DOWN], 'inconclusive', 'REGISTRY_ERROR'],
    ['one that passes', builder, [GOOD], [], 'verified', 'VERIFIED'],
    ['one that passes, a store down', builder, [GOOD], [DOWN], 'inconclusive', 'REGISTRY_ERROR'],
    ['one that passes, one unreadable', builder, [GOOD, GONE], [], 'inconclusive', 'BLOB_NOT_FOUND'],
    ['one that passes, one too slow', builder, [GOOD, SLOW], [], 'inconclusive', 'WHERE_TIMEOUT'],
    ['one that passes, one that fails', builder, [GOOD, BAD], [], 'rejected', 'ATTESTATION_REJECTED'],
    ['one that fails, a store down', builder, [BAD], [DOWN], 'rejected', 'ATTESTATION_REJECTED'],
    ['junk by strangers beside it', builder, [JUNK, GOOD, JUNK], [], 'verified', 'VERIFIED'],
    ['junk by strangers alone', builder, [JUNK], [], 'rejected', 'SIGNATURE_INVALID'],
    ['one of two signers', both, [GOOD], [], 'rejected', 'THRESHOLD_NOT_MET'],
    [
      'one of either, and the other one fails',
      either,
      [GOOD, one('WHERE_FAILED', { by: 'scanner', times: [] })],
      [],
      'rejected',
      'WHERE_FAILED',
    ],
    ['both signers', both, [GOOD, one('VERIFIED', { by: 'scanner', times: [] })], [], 'verified', 'VERIFIED'],
  ],
  any: [
    ['none', builder, [], [], 'rejected', 'ATTESTATION_MISSING'],
    ['none, a store down', builder, [], [DOWN], 'inconclusive', 'REGISTRY_ERROR'],
    ['one that passes, a store down', builder, [GONE, GOOD], [DOWN], 'verified', 'VERIFIED'],
    ['one that passes, one that fails', builder, [BAD, GOOD, SLOW], [], 'verified', 'VERIFIED'],
    ['one that fails', builder, [BAD, JUNK], [], 'rejected', 'ATTESTATION_REJECTED'],
    ['one that fails, one too slow', builder, [BAD, SLOW], [], 'inconclusive', 'WHERE_TIMEOUT'],
    ['one that fails, one unreadable', builder, [BAD, GONE], [], 'inconclusive', 'BLOB_NOT_FOUND'],
    ['one that fails, a store down', builder, [BAD], [DOWN], 'inconclusive', 'REGISTRY_ERROR'],
    ['one of two signers', both, [GOOD, BAD], [], 'rejected', 'THRESHOLD_NOT_MET'],
  ],
  newest: [
    ['none', builder, [], [], 'rejected', 'ATTESTATION_MISSING'],
    [
      'the newest passes',
      builder,
      [at('ATTESTATION_REJECTED', 1), at('VERIFIED', 2)],
      [],
      'verified',
      'VERIFIED',
    ],
    [
      'the newest fails',
      builder,
      [at('VERIFIED', 1), at('ATTESTATION_REJECTED', 2)],
      [],
      'rejected',
      'ATTESTATION_REJECTED',
    ],
    [
      'an old one that was stamped once more is old',
      builder,
      [
        at('ATTESTATION_REJECTED', 2),
        at('VERIFIED', 9, { content: 'old' }),
        at('VERIFIED', 1, { content: 'old' }),
      ],
      [],
      'rejected',
      'ATTESTATION_REJECTED',
    ],
    [
      'the earliest of the times of one counts',
      builder,
      [at('ATTESTATION_REJECTED', 2), one('VERIFIED', { content: 'old', times: [9, 1] })],
      [],
      'rejected',
      'ATTESTATION_REJECTED',
    ],
    [
      'a signer that comes back to a no says no',
      builder,
      [
        at('ATTESTATION_REJECTED', 1, { content: 'no' }),
        at('VERIFIED', 2),
        at('ATTESTATION_REJECTED', 3, { content: 'no' }),
      ],
      [],
      'rejected',
      'ATTESTATION_REJECTED',
    ],
    [
      'of two at one time both must pass',
      builder,
      [at('VERIFIED', 2, { content: 'a' }), at('ATTESTATION_REJECTED', 2, { content: 'b' })],
      [],
      'rejected',
      'ATTESTATION_REJECTED',
    ],
    ['one without a time', builder, [at('VERIFIED', 2), GOOD], [], 'rejected', 'ATTESTATION_TIME_UNKNOWN'],
    [
      'a copy that lost its time',
      builder,
      [at('VERIFIED', 2), one('VERIFIED', { content: '2', times: [] })],
      [],
      'verified',
      'VERIFIED',
    ],
    ['the newest, a store down', builder, [at('VERIFIED', 2)], [DOWN], 'inconclusive', 'REGISTRY_ERROR'],
    ['the newest, one unreadable', builder, [at('VERIFIED', 2), GONE], [], 'inconclusive', 'BLOB_NOT_FOUND'],
    [
      'the newest too slow',
      builder,
      [at('VERIFIED', 1), at('WHERE_TIMEOUT', 2)],
      [],
      'inconclusive',
      'WHERE_TIMEOUT',
    ],
    [
      'one that is not the newest too slow',
      builder,
      [at('WHERE_TIMEOUT', 1), at('VERIFIED', 2)],
      [],
      'verified',
      'VERIFIED',
    ],
    [
      'the newest of each signer',
      both,
      [at('VERIFIED', 2), at('VERIFIED', 1, { by: 'scanner' }), at('ATTESTATION_REJECTED', 1)],
      [],
      'verified',
      'VERIFIED',
    ],
    [
      'the newest of one signer fails, however new the other one is',
      either,
      [at('VERIFIED', 9), at('ATTESTATION_REJECTED', 1, { by: 'scanner' })],
      [],
      'rejected',
      'ATTESTATION_REJECTED',
    ],
    ['junk by strangers beside it', builder, [JUNK, at('VERIFIED', 1)], [], 'verified', 'VERIFIED'],
  ],
};

for (const [quantifier, rows] of Object.entries(ROWS)) {
  describe(`decideAttestation, ${quantifier}`, () => {
    for (const [name, by, found, unasked, verdict, code] of rows) {
      test(name, () => {
        const requirement = { predicateType: TYPE, by, quantifier } as AttestationRequirement;
        const finding = decideAttestation(requirement, found, unasked);
        assert.deepEqual([finding.verdict, finding.code], [verdict, code], finding.message);
        assert.ok(finding.message.includes(TYPE));
      });
    }
  });
}

test('what would be enough but for the quantifier says so', () => {
  const message = (quantifier: AttestationRequirement['quantifier'], found: readonly Attested[]) =>
    decideAttestation({ predicateType: TYPE, by: builder, quantifier }, found, [DOWN]).message;
  assert.equal(
    message('every', [GOOD]),
    `wanted an attestation ${TYPE} by builder; found it, but quantifier: every looks at all of them, and down`,
  );
  const newest = `wanted the newest attestation ${TYPE} by builder; `;
  assert.equal(
    message('newest', [at('VERIFIED', 2)]),
    `${newest}found it, but with quantifier: newest what was not read might be newer: down`,
  );
  assert.equal(message('newest', []), `${newest}down`);
  for (const quantifier of ['every', 'any'] as const) {
    assert.equal(message(quantifier, [JUNK]), `wanted an attestation ${TYPE} by builder; down`);
  }
});

test('one key under two names is one identity', () => {
  const by: Requirement = { kind: 'atLeast', count: 2, of: [builder, signer('scanner')] };
  const requirement: AttestationRequirement = { predicateType: TYPE, by, quantifier: 'any' };
  const found = ['builder', 'scanner'].map((name) => one('VERIFIED', { by: name, times: [], key: 'same' }));
  const { code, message } = decideAttestation(requirement, found, []);
  assert.equal(code, 'THRESHOLD_NOT_MET');
  assert.match(message, /found such by builder, scanner \(some of them by one key or identity\) only$/);
});

test('a missing one says where was looked', () => {
  const requirement: AttestationRequirement = { predicateType: TYPE, by: builder, quantifier: 'every' };
  const looked = { place: 'sigs/all', types: ['a', 'b\n', 'c', 'd', 'e'] };
  assert.match(
    decideAttestation(requirement, [], [], looked).message,
    /in either store of sigs\/all, but "a", "b\\n", "c", "d" and more$/,
  );
  assert.match(decideAttestation(requirement, [], []).message, /in either store$/);
});
