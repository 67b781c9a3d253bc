// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Code } from '../../../src/errors.ts';
import { LIMITS } from '../../../src/limits.ts';
import { parsePayload } from '../../../src/verify/cosign/payload.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const TYPE = 'cosign container image signature';

const parse = (payload: unknown) =>
  parsePayload(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)));

const critical = {
  identity: { 'docker-reference': 'registry.example/acme/web' },
  image: { 'docker-manifest-digest': DIGEST },
  type: TYPE,
};

test('what cosign writes is read', () => {
  assert.deepEqual(parse({ critical, optional: null }), {
    manifestDigest: DIGEST,
    dockerReference: 'registry.example/acme/web',
    optional: {},
  });
});

suite('leniently, where real payloads differ', () => {
  test('field names in another case, as old documents have them', () => {
    const payload = {
      Critical: {
        Identity: { 'Docker-reference': 'a.example/b' },
        Image: { 'Docker-manifest-digest': DIGEST },
        TYPE,
      },
      Optional: { a: 'b' },
    };
    assert.deepEqual(parse(payload), {
      manifestDigest: DIGEST,
      dockerReference: 'a.example/b',
      optional: { a: 'b' },
    });
  });

  test('unknown fields, missing optional, missing identity, null for none', () => {
    const { image, type } = critical;
    for (const payload of [
      { critical: { image, type, more: [1] }, more: {} },
      { critical: { image, type, identity: null } },
      { critical: { image, type, identity: { 'docker-reference': null } }, optional: null },
    ]) {
      assert.equal(parse(payload).dockerReference, '');
    }
  });

  test('optional fields that are no strings, as skopeo writes: kept are the strings', () => {
    const optional = { creator: 'skopeo', timestamp: 1657296609, deep: { a: 'b' }, none: null };
    assert.deepEqual(parse({ critical, optional }).optional, { creator: 'skopeo' });
  });

  test('names from the prototype of objects are names like others', () => {
    const text = JSON.stringify({ critical, optional: {} }).replace(
      '"optional":{}',
      '"optional":{"__proto__":"x","constructor":"y"}',
    );
    const { optional } = parse(text);
    assert.deepEqual(Object.entries(optional), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  test('white space and key order', () => {
    const { manifestDigest } = parse(JSON.stringify({ optional: {}, critical }, null, 2));
    assert.equal(manifestDigest, DIGEST);
  });
});

const image = (fields: string) =>
  `{"critical":{"type":"${TYPE}","image":{${fields}},"identity":{}},"optional":null}`;
const digest = `"docker-manifest-digest":"${DIGEST}"`;
const optional = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));

const refused: Record<string, [Code, unknown]> = {
  empty: ['PAYLOAD_MALFORMED', ''],
  'not JSON': ['PAYLOAD_MALFORMED', '<html></html>'],
  null: ['PAYLOAD_MALFORMED', 'null'],
  'a list': ['PAYLOAD_MALFORMED', '[]'],
  'a string': ['PAYLOAD_MALFORMED', '"payload"'],
  'an empty object': ['PAYLOAD_MALFORMED', {}],
  'two documents': ['PAYLOAD_MALFORMED', JSON.stringify({ critical }).repeat(2)],
  'critical as a list': ['PAYLOAD_MALFORMED', { critical: [critical] }],
  'critical as null': ['PAYLOAD_MALFORMED', { critical: null }],
  'no image': ['PAYLOAD_MALFORMED', { critical: { type: TYPE } }],
  'no digest': ['PAYLOAD_MALFORMED', image('')],
  'a digest that is null': ['PAYLOAD_MALFORMED', image('"docker-manifest-digest":null')],
  'a digest in a list': ['PAYLOAD_MALFORMED', image(`"docker-manifest-digest":["${DIGEST}"]`)],
  'the digest twice': ['PAYLOAD_MALFORMED', image(`${digest},${digest}`)],
  'the digest in two cases': ['PAYLOAD_MALFORMED', image(`${digest},"Docker-manifest-digest":"${DIGEST}"`)],
  'the digest in two cases, neither usual': [
    'PAYLOAD_MALFORMED',
    image(`"DOCKER-manifest-digest":"x","Docker-manifest-digest":"${DIGEST}"`),
  ],
  'the digest with a long s, which Go folds': [
    'PAYLOAD_MALFORMED',
    image(`${digest},"docker-manife\u017ft-digest":"x"`),
  ],
  'the digest with a Kelvin sign, which Go folds': [
    'PAYLOAD_MALFORMED',
    image(`${digest},"doc\u212Aer-manifest-digest":"x"`),
  ],
  'critical in two cases': ['PAYLOAD_MALFORMED', { critical, Critical: critical }],
  'optional in two cases': ['PAYLOAD_MALFORMED', { critical, optional: {}, OPTIONAL: null }],
  'optional as a list': ['PAYLOAD_MALFORMED', { critical, optional: ['a'] }],
  'optional as a string': ['PAYLOAD_MALFORMED', { critical, optional: 'a=b' }],
  'a docker-reference that is a number': [
    'PAYLOAD_MALFORMED',
    { critical: { ...critical, identity: { 'docker-reference': 1 } } },
  ],
  'no type': ['PAYLOAD_TYPE_WRONG', { critical: { ...critical, type: undefined } }],
  'the type of another signer': [
    'PAYLOAD_TYPE_WRONG',
    { critical: { ...critical, type: 'atomic container signature' } },
  ],
  'the type in another case': ['PAYLOAD_TYPE_WRONG', { critical: { ...critical, type: TYPE.toUpperCase() } }],
  'a type that is no string': ['PAYLOAD_MALFORMED', { critical: { ...critical, type: true } }],
  'a DSSE envelope': ['NOT_A_SIGNATURE', { payloadType: 'x', payload: 'e30=', signatures: [] }],
  'one annotation too many': [
    'LIMIT_EXCEEDED',
    { critical, optional: optional(LIMITS.signatureAnnotations + 1) },
  ],
  'one byte too many': ['LIMIT_EXCEEDED', JSON.stringify({ critical }).padEnd(LIMITS.payloadBytes + 1)],
  'nesting without end': ['LIMIT_EXCEEDED', `{"critical":${'['.repeat(100_000)}`],
};

suite('refused', () => {
  for (const [what, [code, payload]] of Object.entries(refused)) {
    test(`${what}: ${code}`, () => {
      assert.throws(() => parse(payload), { name: 'VerificationError', code });
    });
  }

  test('the limits themselves pass', () => {
    parse({ critical, optional: optional(LIMITS.signatureAnnotations) });
    parse(JSON.stringify({ critical }).padEnd(LIMITS.payloadBytes));
  });

  test('what was found is shown without its control characters, and cut', () => {
    const type = `\u001b[31m\n${'x'.repeat(10_000)}`;
    assert.throws(
      () => parse({ critical: { ...critical, type } }),
      (error: Error) => error.message.length < 400 && !/\p{Cc}/u.test(error.message),
    );
  });
});
