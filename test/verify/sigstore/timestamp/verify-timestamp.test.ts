// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  boolean,
  explicit,
  implicit,
  octetString,
  oid,
  sequence,
  utf8String,
} from '../../../../src/certificate/der.ts';
import { verifyTimestamp } from '../../../../src/verify/sigstore/timestamp/verify-timestamp.ts';
import {
  authorityOf,
  keyId,
  make,
  other,
  root,
  signed,
  signer,
  TIME,
  verifyBy,
  withLeaf,
  withoutLeaf,
} from '../../../support/timestamp-world.ts';
import {
  append,
  attribute,
  digestAlgorithm,
  namesCertificateBySha1,
  replace,
  small,
  type TimestampParts,
  timestampSigner,
} from '../../../support/timestamps.ts';

describe('a timestamp', () => {
  for (const [what, authority, parts] of [
    ['of a known signer', withLeaf, {}],
    ['without certificates', withLeaf, { certificates: [] }],
    ['with its whole chain', withLeaf, { certificates: [root.der, signer.der] }],
    ['of a signer that a known authority issued', withoutLeaf, {}],
    ['over SHA-384, signed over SHA-512', withLeaf, { imprint: 'sha384', digest: 'sha512' }],
    ['granted with modifications', withLeaf, { response: replace(0, sequence(small(1))) }],
    [
      'granted with words',
      withLeaf,
      { response: replace(0, sequence(small(0), sequence(utf8String('ok')))) },
    ],
    [
      'whose signed data are of version 1, as real ones of 2023 are',
      withLeaf,
      { signedData: replace(0, small(1)) },
    ],
    [
      'with a place for certificates and none in it',
      withLeaf,
      { certificates: [], signedData: (list: Buffer[]) => list.toSpliced(3, 0, explicit(0)) },
    ],
    [
      'with its certificate named by SHA-1',
      withLeaf,
      { attributes: append(namesCertificateBySha1(signer.der)) },
    ],
    ['that names no certificate', withLeaf, { attributes: (list: Buffer[]) => list.slice(0, 2) }],
    [
      'named by its key identifier',
      withLeaf,
      { signerInfo: (list: Buffer[]) => [small(3), implicit(0, keyId), ...list.slice(2)] },
    ],
    [
      'with accuracy, order, nonce, name and an extension',
      withLeaf,
      {
        info: append(
          sequence(small(1)),
          boolean(true),
          small(9),
          explicit(0, sequence()),
          explicit(1, sequence(oid('1.2.3'), octetString(signed))),
        ),
      },
    ],
    ['with unsigned attributes', withLeaf, { signerInfo: append(explicit(1, attribute('1.2.3', small(1)))) }],
  ] as const) {
    test(what, () => {
      assert.deepEqual(verifyBy(authority, parts), { time: TIME, authority });
    });
  }

  test('may be over any of several', () => {
    assert.equal(verifyTimestamp(make(), [Buffer.from('the envelope'), signed], [withLeaf]).time, TIME);
  });

  test('by one of several authorities, or of several windows of one', () => {
    const stranger = authorityOf([timestampSigner(other), other], true);
    const past = authorityOf([signer, root], true, { from: 0, until: 1 });
    assert.equal(verifyTimestamp(make(), signed, [stranger, past, withLeaf]).authority, withLeaf);
  });
});

describe('signed with', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ed25519 = generateKeyPairSync('ed25519');
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const pss = (saltLength: number) =>
    sequence(
      oid('1.2.840.113549.1.1.10'),
      sequence(
        explicit(0, digestAlgorithm('sha256')),
        explicit(1, sequence(oid('1.2.840.113549.1.1.8'), digestAlgorithm('sha256'))),
        explicit(2, small(saltLength)),
      ),
    );
  const signPss = (saltLength: number) => (bytes: Buffer) =>
    sign('sha256', bytes, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
  const by = (keys: typeof rsa, parts: Partial<TimestampParts>) => {
    const own = timestampSigner(root, { keys });
    return () => verifyBy(authorityOf([own, root], true), { signer: own, ...parts }).time;
  };
  const NULL = Buffer.of(5, 0);

  for (const [what, verify] of [
    ['RSA', by(rsa, { algorithm: sequence(oid('1.2.840.113549.1.1.1'), NULL) })],
    [
      'RSA and SHA-384',
      by(rsa, { digest: 'sha384', algorithm: sequence(oid('1.2.840.113549.1.1.12'), NULL) }),
    ],
    ['RSA-PSS', by(rsa, { algorithm: pss(32), sign: signPss(32) })],
    [
      'Ed25519',
      by(ed25519, {
        algorithm: sequence(oid('1.3.101.112')),
        digest: 'sha512',
        sign: (bytes) => sign(null, bytes, ed25519.privateKey),
      }),
    ],
    ['P-384 and SHA-256', by(p384, {})],
  ] as const) {
    test(what, () => assert.equal(verify(), TIME));
  }

  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const strange = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  for (const [what, verify, code] of [
    [
      'RSA of 1024 bits',
      by(weak, { algorithm: sequence(oid('1.2.840.113549.1.1.1'), NULL) }),
      'TIMESTAMP_INVALID',
    ],
    ['another curve', by(strange, {}), 'TIMESTAMP_INVALID'],
    ['RSA where ECDSA is announced', by(rsa, {}), 'TIMESTAMP_INVALID'],
    [
      'RSA-PSS without parameters',
      by(rsa, { algorithm: sequence(oid('1.2.840.113549.1.1.10')) }),
      'TIMESTAMP_MALFORMED',
    ],
    ['RSA-PSS with a short salt', by(rsa, { algorithm: pss(8), sign: signPss(8) }), 'TIMESTAMP_MALFORMED'],
    [
      'RSA and SHA-1',
      by(rsa, { algorithm: sequence(oid('1.2.840.113549.1.1.5'), NULL) }),
      'TIMESTAMP_MALFORMED',
    ],
    [
      'ECDSA with parameters',
      by(p384, { algorithm: sequence(oid('1.2.840.10045.4.3.2'), NULL) }),
      'TIMESTAMP_MALFORMED',
    ],
    [
      'ECDSA over another hash than the digest',
      by(p384, { algorithm: sequence(oid('1.2.840.10045.4.3.3')) }),
      'TIMESTAMP_MALFORMED',
    ],
  ] as const) {
    test(`${what}: refused`, () => assert.throws(verify, { name: 'VerificationError', code }));
  }
});
