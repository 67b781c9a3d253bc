// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as der from '../../src/certificate/der.ts';
import * as read from '../../src/certificate/extensions.ts';
import type { Certificate } from '../../src/certificate/x509.ts';
import {
  basicConstraints,
  CODE_SIGNING,
  DIGITAL_SIGNATURE,
  extension,
  KEY_CERT_SIGN,
  makeCertificate,
  subjectAltNames,
  uri,
} from '../support/certificates.ts';

const withExtensions = (...extensions: readonly Uint8Array[]) => makeCertificate({ extensions }).certificate;

suite('extensions', () => {
  test('are read', () => {
    const one = withExtensions(
      basicConstraints(true, 3),
      KEY_CERT_SIGN,
      CODE_SIGNING,
      subjectAltNames(uri('https://a.example')),
      extension('2.5.29.14', der.octetString(Buffer.of(7))),
      extension('2.5.29.35', der.sequence(der.implicit(0, Buffer.of(8)), der.implicit(2, Buffer.of(9)))),
    );
    assert.deepEqual(read.readBasicConstraints(one), { ca: true, pathLength: 3 });
    const none = { digitalSignature: false, nonRepudiation: false, keyCertSign: false };
    assert.deepEqual(read.readKeyUsage(one), { ...none, keyCertSign: true });
    assert.deepEqual(read.readExtendedKeyUsage(one), [read.USAGE.codeSigning]);
    assert.deepEqual(read.readSubjectKeyId(one), Buffer.of(7));
    assert.deepEqual(read.readAuthorityKeyId(one), Buffer.of(8));
    assert.deepEqual(
      read.readSubjectAltNames(one).map(({ tag }) => tag),
      [0x86],
    );
    const leaf = withExtensions(basicConstraints(false), DIGITAL_SIGNATURE);
    assert.deepEqual(read.readBasicConstraints(leaf), { ca: false });
    assert.deepEqual(read.readKeyUsage(leaf), { ...none, digitalSignature: true });
    const archivist = withExtensions(extension('2.5.29.15', der.bitString(Buffer.of(0x40), 6), true));
    assert.deepEqual(read.readKeyUsage(archivist), { ...none, nonRepudiation: true });
  });

  test('are absent', () => {
    const none = withExtensions();
    assert.deepEqual(read.readBasicConstraints(none), { ca: false });
    assert.equal(read.readKeyUsage(none), undefined);
    assert.equal(read.readExtendedKeyUsage(none), undefined);
    assert.equal(read.readAuthorityKeyId(none), undefined);
    assert.deepEqual(read.readSubjectAltNames(none), []);
  });

  const BAD: Readonly<Record<string, readonly [string, Uint8Array, (of: Certificate) => unknown]>> = {
    'a false authority that is 1': ['2.5.29.19', Buffer.of(0x30, 3, 1, 1, 1), read.readBasicConstraints],
    'a third constraint': [
      '2.5.29.19',
      der.sequence(der.boolean(true), der.integer(Buffer.of(1)), der.integer(Buffer.of(1))),
      read.readBasicConstraints,
    ],
    'a negative path length': ['2.5.29.19', Buffer.of(0x30, 3, 2, 1, 0xff), read.readBasicConstraints],
    'bytes behind': ['2.5.29.19', Buffer.of(0x30, 0, 0), read.readBasicConstraints],
    'an empty list of usages': ['2.5.29.37', der.sequence(), read.readExtendedKeyUsage],
    'an empty key usage': ['2.5.29.15', Buffer.of(3, 1, 0), read.readKeyUsage],
    'names that are one name': ['2.5.29.17', uri('https://a.example'), read.readSubjectAltNames],
  };
  for (const [what, [id, value, how]] of Object.entries(BAD)) {
    test(`refuses ${what}`, () => {
      const certificate = withExtensions(extension(id, value));
      assert.throws(() => how(certificate), { code: 'CERTIFICATE_MALFORMED' });
    });
  }
});
