// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Code } from '../../../src/errors.ts';
import { LIMITS } from '../../../src/limits.ts';
import { demandSignature, parseStatement } from '../../../src/verify/sigstore/statement.ts';

const HEX = 'ab'.repeat(32);
const subject = { digest: { sha256: HEX }, annotations: { env: 'prod' } };
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [subject],
  predicateType: 'https://sigstore.dev/cosign/sign/v1',
  predicate: {},
};
const parse = (value: unknown) => {
  const read = parseStatement(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  demandSignature(read);
  return read.subjects();
};
const without = (name: string) =>
  Object.fromEntries(Object.entries(statement).filter(([key]) => key !== name));
const many = <To>(count: number, make: (at: number) => To) =>
  Array.from({ length: count }, (_, at) => make(at));
const digests = (count: number) => Object.fromEntries(many(count, (at) => [`alg${at}`, HEX]));

suite('read', () => {
  const expected = [{ digests: [`sha256:${HEX}`], annotations: { env: 'prod' } }];
  const forms: Record<string, unknown> = {
    'what cosign writes': statement,
    'without a predicate, as cosign 3.0': without('predicate'),
    'a predicate that is null': { ...statement, predicate: null },
    'a predicate that says something': { ...statement, predicate: { a: [1] } },
    'a statement of type v0.1': { ...statement, _type: 'https://in-toto.io/Statement/v0.1' },
    'unknown fields': { ...statement, more: 1, subject: [{ ...subject, name: 'x', uri: 'y' }] },
  };
  for (const [what, form] of Object.entries(forms)) {
    test(what, () => assert.deepEqual(parse(form), expected));
  }

  test('subjects without annotations, and annotations that are no strings', () => {
    const subjects = [
      { digest: {} },
      { digest: { sha256: HEX }, annotations: null },
      { digest: { sha256: HEX }, annotations: { n: 1, s: 'x' } },
    ];
    const found = parse({ ...statement, subject: subjects }).map(({ annotations }) => annotations);
    assert.deepEqual(found, [{}, {}, { s: 'x' }]);
  });

  test('as many subjects, digests and annotations as the limits allow', () => {
    parse({ ...statement, subject: many(LIMITS.subjects, () => subject) });
    parse({ ...statement, subject: [{ digest: digests(LIMITS.digestsPerSubject) }] });
    const annotations = Object.fromEntries(many(LIMITS.signatureAnnotations, (at) => [`k${at}`, 'v']));
    parse({ ...statement, subject: [{ ...subject, annotations }] });
  });
});

const refused: Record<string, [Code, unknown]> = {
  'not JSON': ['PAYLOAD_MALFORMED', 'x'],
  empty: ['PAYLOAD_MALFORMED', ''],
  null: ['PAYLOAD_MALFORMED', 'null'],
  'a list': ['PAYLOAD_MALFORMED', [statement]],
  'no type': ['PAYLOAD_MALFORMED', without('_type')],
  'a type to come': ['PAYLOAD_MALFORMED', { ...statement, _type: 'https://in-toto.io/Statement/v2' }],
  'no predicate type': ['PAYLOAD_MALFORMED', without('predicateType')],
  'an empty predicate type': ['PAYLOAD_MALFORMED', { ...statement, predicateType: '' }],
  'a predicate type in a list': [
    'PAYLOAD_MALFORMED',
    { ...statement, predicateType: [statement.predicateType] },
  ],
  provenance: ['NOT_A_SIGNATURE', { ...statement, predicateType: 'https://slsa.dev/provenance/v1' }],
  'a predicate type with a slash more': [
    'NOT_A_SIGNATURE',
    { ...statement, predicateType: `${statement.predicateType}/` },
  ],
  'provenance with a subject that is null': [
    'NOT_A_SIGNATURE',
    { ...statement, predicateType: 'https://slsa.dev/provenance/v1', subject: [null] },
  ],
  'a predicate that is text': ['PAYLOAD_MALFORMED', { ...statement, predicate: 'x' }],
  'a predicate that is a list': ['PAYLOAD_MALFORMED', { ...statement, predicate: [] }],
  'no subject': ['PAYLOAD_MALFORMED', without('subject')],
  'an empty list of subjects': ['PAYLOAD_MALFORMED', { ...statement, subject: [] }],
  'a subject beside the list': ['PAYLOAD_MALFORMED', { ...statement, subject }],
  'a subject that is null': ['PAYLOAD_MALFORMED', { ...statement, subject: [subject, null] }],
  'a subject without digest': ['PAYLOAD_MALFORMED', { ...statement, subject: [subject, { name: 'x' }] }],
  'a digest that is text': ['PAYLOAD_MALFORMED', { ...statement, subject: [{ digest: `sha256:${HEX}` }] }],
  'a digest value that is no text': [
    'PAYLOAD_MALFORMED',
    { ...statement, subject: [{ digest: { sha256: [HEX] } }] },
  ],
  'annotations that are a list': [
    'PAYLOAD_MALFORMED',
    { ...statement, subject: [{ ...subject, annotations: [] }] },
  ],
  'a subject too many': [
    'PAYLOAD_MALFORMED',
    { ...statement, subject: many(LIMITS.subjects + 1, () => subject) },
  ],
  'a digest too many': [
    'PAYLOAD_MALFORMED',
    { ...statement, subject: [{ digest: digests(LIMITS.digestsPerSubject + 1) }] },
  ],
  'a field twice': ['PAYLOAD_MALFORMED', JSON.stringify(statement).replace('{', '{"subject":[],')],
  'one byte too many for a signature': [
    'LIMIT_EXCEEDED',
    JSON.stringify(statement).padEnd(LIMITS.signatureStatementBytes + 1),
  ],
  'one byte too many for any statement': ['LIMIT_EXCEEDED', ' '.repeat(LIMITS.statementBytes + 1)],
};

suite('refused', () => {
  for (const [what, [code, value]] of Object.entries(refused)) {
    test(`${what}: ${code}`, () => {
      assert.throws(() => parse(value), { name: 'VerificationError', code });
    });
  }

  test('a long attestation is an attestation, not too long a signature', () => {
    const predicate = { sbom: 'x'.repeat(LIMITS.signatureStatementBytes) };
    const long = { ...statement, predicateType: 'https://spdx.dev/Document', predicate };
    assert.throws(() => parse(long), { code: 'NOT_A_SIGNATURE' });
  });
});
