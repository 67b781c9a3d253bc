// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bitString,
  boolean,
  explicit,
  octetString,
  oid,
  sequence,
  set,
} from '../../../../src/certificate/der.ts';
import { VerificationError } from '../../../../src/errors.ts';
import { LIMITS } from '../../../../src/limits.ts';
import { verifyTimestamp } from '../../../../src/verify/sigstore/timestamp/verify-timestamp.ts';
import { make, signed, signer, verifyBy, withLeaf, withoutLeaf } from '../../../support/timestamp-world.ts';
import {
  append,
  attribute,
  digestAlgorithm,
  generalizedTime,
  namesCertificate,
  replace,
  retag,
  small,
  type TimestampParts,
} from '../../../support/timestamps.ts';

/** Nobody signs these: one makes granted of granted with modifications, one makes version 1 of version 3. */
const STATUS_BIT = 8 * 8;
const VERSION_BIT = 34 * 8 + 1;
const sha1 = sequence(oid('1.3.14.3.2.26'));
const nested = (depth: number): Buffer => {
  let value: Buffer = Buffer.alloc(0);
  for (let at = 0; at < depth; at += 1) value = sequence(value);
  return value;
};

describe('malformed', () => {
  const tooMany = Array<Uint8Array>(LIMITS.timestampCertificates + 1).fill(signer.der);
  for (const [what, parts] of Object.entries<Partial<TimestampParts>>({
    'a response that was not granted': { response: replace(0, sequence(small(2))) },
    'a response without a token': { response: ([status = small(0)]) => [status] },
    'a response with more behind the token': { response: append(small(1)) },
    'a token of another type': { response: replace(1, sequence(oid('1.2.3'), explicit(0, sequence()))) },
    'signed data of version 2': { signedData: replace(0, small(2)) },
    'signed data of version 4': { signedData: replace(0, small(4)) },
    'a digest that was not announced': { signedData: replace(1, set(digestAlgorithm('sha512'))) },
    'content of another type': {
      signedData: replace(2, sequence(oid('1.2.3'), explicit(0, octetString(signed)))),
    },
    'content that is elsewhere': { signedData: replace(2, sequence(oid('1.2.840.113549.1.9.16.1.4'))) },
    'no signature': { signedData: replace(4, set()) },
    'two signatures': { signedData: (list) => list.map((one, at) => (at === 4 ? twice(one) : one)) },
    'lists of revoked certificates': {
      signedData: (list) => [...list.slice(0, 4), explicit(1), ...list.slice(4)],
    },
    'more certificates than allowed': { certificates: tooMany },
    'signed attributes left out': { signerInfo: (list) => list.filter((_, at) => at !== 3) },
    'SHA-1 as the digest': { signerInfo: replace(2, sha1), signedData: replace(1, set(sha1)) },
    'a signature of another version': { signerInfo: replace(0, small(3)) },
    'no signed content type': { attributes: (list) => list.slice(1) },
    'another signed content type': {
      attributes: replace(0, attribute('1.2.840.113549.1.9.3', oid('1.2.840.113549.1.7.1'))),
    },
    'no message digest': { attributes: ([type = signed, , ...rest]) => [type, ...rest] },
    'an attribute twice': { attributes: append(namesCertificate(signer.der)) },
    'an attribute with two values': { attributes: append(attribute('1.2.3', small(1), small(2))) },
    'TSTInfo of version 2': { info: replace(0, small(2)) },
    'an imprint of SHA-1': { info: replace(2, sequence(sha1, octetString(Buffer.alloc(20)))) },
    'a UTCTime': { info: replace(4, retag(0x17, octetString(Buffer.from('260102030405Z')))) },
    'a time with an offset': { info: replace(4, generalizedTime('20260102030405+0000')) },
    'a time that does not exist': { info: replace(4, generalizedTime('20260231030405Z')) },
    'a critical extension': {
      info: append(explicit(1, sequence(oid('1.2.3'), boolean(true), octetString(signed)))),
    },
    'optional values in another order': { info: append(small(9), boolean(true)) },
    'an unknown value at the end': { info: append(bitString(signed)) },
    'deeply nested': { response: replace(1, nested(5000)) },
  })) {
    test(what, () => {
      assert.throws(() => verifyBy(withLeaf, parts), {
        name: 'VerificationError',
        code: 'TIMESTAMP_MALFORMED',
      });
    });
  }

  test('an embedded certificate that cannot be read, where it is needed', () => {
    const certificates = [sequence(small(1))];
    assert.throws(() => verifyBy(withoutLeaf, { certificates }), { code: 'TIMESTAMP_MALFORMED' });
  });

  test('any bit that is another, but the two that nobody signs and that say the same', () => {
    const whole = make();
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      if (bit === STATUS_BIT || bit === VERSION_BIT) continue;
      const token = Buffer.from(whole);
      token[bit >> 3] = (token[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const isExpected = (error: unknown) =>
        error instanceof VerificationError && /^TIMESTAMP_(MALFORMED|INVALID)$/.test(error.code);
      assert.throws(() => verifyTimestamp(token, signed, [withLeaf]), isExpected, `bit ${bit}`);
    }
  });

  test('bytes behind, bytes missing, nothing at all', () => {
    const whole = make();
    for (const token of [Buffer.concat([whole, Buffer.of(0)]), whole.subarray(0, -1), Buffer.alloc(0)])
      assert.throws(() => verifyTimestamp(token, signed, [withLeaf]), { code: 'TIMESTAMP_MALFORMED' });
  });

  test('more bytes than allowed', () => {
    const token = Buffer.alloc(LIMITS.timestampBytes + 1);
    assert.throws(() => verifyTimestamp(token, signed, [withLeaf]), { code: 'LIMIT_EXCEEDED' });
  });
});

function twice(value: Buffer): Buffer {
  const content = value.subarray(2 + ((value[1] ?? 0) & 0x80 ? (value[1] ?? 0) & 0x7f : 0));
  return set(content, content);
}
