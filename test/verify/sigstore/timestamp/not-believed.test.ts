// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { bitString, explicit, octetString } from '../../../../src/certificate/der.ts';
import { verifyTimestamp } from '../../../../src/verify/sigstore/timestamp/verify-timestamp.ts';
import { AUTHORITY, holderOf, purposes, TIME_STAMPING } from '../../../support/authorities.ts';
import { basicConstraints, extension } from '../../../support/certificates.ts';
import {
  authorityOf,
  make,
  other,
  root,
  signed,
  signer,
  verifyBy,
  withLeaf,
  withoutLeaf,
} from '../../../support/timestamp-world.ts';
import {
  attribute,
  namesCertificate,
  namesCertificateBySha1,
  replace,
  retag,
  small,
  timestampSigner,
} from '../../../support/timestamps.ts';

describe('not believed', () => {
  const bad = (extensions: readonly Buffer[]) => timestampSigner(root, { extensions });
  const refuse = (make: () => unknown, message: RegExp) =>
    assert.throws(make, { name: 'VerificationError', code: 'TIMESTAMP_INVALID', message });

  test('over something else', () => {
    refuse(() => verifyTimestamp(make(), Buffer.from('another'), [withLeaf]), /over something else/);
    refuse(() => verifyTimestamp(make(), [], [withLeaf]), /over something else/);
  });

  test('without an authority, by another one, by another certificate of its name', () => {
    refuse(() => verifyTimestamp(make(), signed, []), /has no timestamp authority/);
    refuse(() => verifyBy(authorityOf([timestampSigner(other), other], true)), /no timestamp authority of/);
    refuse(() => verifyBy(authorityOf([other], false)), /no timestamp authority of/);
    const twin = timestampSigner(root);
    refuse(
      () => verifyBy(withLeaf, { signer: twin, certificates: [signer.der] }),
      /no timestamp authority of/,
    );
    refuse(
      () => verifyBy(withLeaf, { signer: twin, attributes: (list) => list.slice(0, 2) }),
      /no timestamp/,
    );
  });

  test('with certificates of which none is the one of the trust root', () => {
    refuse(() => verifyBy(withLeaf, { certificates: [root.der] }), /no timestamp authority of/);
  });

  test('by an issued signer that is not embedded, or is not the one that is named', () => {
    refuse(() => verifyBy(withoutLeaf, { certificates: [] }), /no timestamp authority of/);
    const twin = timestampSigner(root);
    refuse(() => verifyBy(withoutLeaf, { certificates: [twin.der] }), /no timestamp authority of/);
  });

  test('a self-made issuer of the name of the right one', () => {
    const fake = holderOf('tsa root', { extensions: AUTHORITY });
    const forged = timestampSigner(fake);
    const parts = { signer: forged, certificates: [forged.der, fake.der] };
    refuse(() => verifyBy(withoutLeaf, parts), /no timestamp authority of/);
  });

  test('with a certificate named that is not the signer', () => {
    for (const name of [namesCertificate(root.der), namesCertificateBySha1(root.der)])
      refuse(() => verifyBy(withLeaf, { attributes: (list) => [...list.slice(0, 2), name] }), /no timestamp/);
  });

  test('signed by another key, or over other attributes', () => {
    refuse(
      () => verifyBy(withLeaf, { sign: (bytes) => sign('sha256', bytes, root.privateKey) }),
      /signature/,
    );
    refuse(
      () =>
        verifyBy(withLeaf, { signerInfo: (list) => list.map((one, at) => (at === 3 ? withMore(one) : one)) }),
      /signature/,
    );
    refuse(
      () => verifyBy(withLeaf, { sign: () => Buffer.alloc(0) }),
      /signature of the timestamp does not hold/,
    );
  });

  test('signed over the attributes as they are tagged in the token', () => {
    const signTagged = (bytes: Buffer) => sign('sha256', retag(0xa0, bytes), signer.privateKey);
    refuse(() => verifyBy(withLeaf, { sign: signTagged }), /signature of the timestamp does not hold/);
  });

  test('with content that is not what was signed', () => {
    const digest = attribute('1.2.840.113549.1.9.4', octetString(Buffer.alloc(32)));
    refuse(() => verifyBy(withLeaf, { attributes: replace(1, digest) }), /signed digest is not/);
  });

  for (const [what, extensions] of Object.entries({
    'without a purpose': [],
    'for another purpose': [purposes(true, '1.3.6.1.5.5.7.3.3')],
    'for another purpose as well': [purposes(true, TIME_STAMPING, '1.3.6.1.5.5.7.3.3')],
    'for a purpose that is not critical': [purposes(false, TIME_STAMPING)],
    'that is an authority': [purposes(true, TIME_STAMPING), basicConstraints(true)],
    'that must not sign': [
      purposes(true, TIME_STAMPING),
      extension('2.5.29.15', bitString(Buffer.of(0x04), 2)),
    ],
  })) {
    test(`by a certificate ${what}`, () => {
      const wrong = bad(extensions);
      for (const authority of [authorityOf([wrong, root], true), withoutLeaf])
        refuse(
          () => verifyBy(authority, { signer: wrong }),
          /certificate that signed the timestamp must not/,
        );
    });
  }
});

function withMore(attributes: Buffer): Buffer {
  const start = 2 + ((attributes[1] ?? 0) & 0x80 ? (attributes[1] ?? 0) & 0x7f : 0);
  return explicit(0, attributes.subarray(start), attribute('1.2.3', small(1)));
}
