// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { suite, test } from 'node:test';
import * as der from '../../src/certificate/der.ts';
import { parseCertificate } from '../../src/certificate/x509.ts';
import { LIMITS } from '../../src/limits.ts';
import {
  type CertificateParts,
  CODE_SIGNING,
  extension,
  makeDer,
  NOT_AFTER,
  NOT_BEFORE,
  subjectAltNames,
  uri,
  vectorCertificates,
} from '../support/certificates.ts';
import { skipWithoutVectors as skip } from '../support/vectors.ts';

const RSA_SHA256 = der.sequence(der.oid('1.2.840.113549.1.1.11'));
const other = (index: number) => extension(`1.2.3.${index}`, Buffer.of(5, 0));

suite('parseCertificate', () => {
  test('reads what was written', () => {
    const { der: bytes } = makeDer({ extensions: [CODE_SIGNING, extension('1.2.3', Buffer.of(1), true)] });
    const read = parseCertificate(bytes);
    assert.deepEqual([...read.serial], [1, 2, 3]);
    assert.deepEqual([read.notBefore, read.notAfter], [NOT_BEFORE, NOT_AFTER]);
    assert.deepEqual([...read.extensions.keys()], ['2.5.29.37', '1.2.3']);
    assert.deepEqual(read.extensions.get('1.2.3')?.value.content, Buffer.of(1));
    assert.deepEqual(
      [...read.extensions.values()].map(({ critical }) => critical),
      [false, true],
    );
    assert.equal(read.publicKey, read.publicKey, 'the key is made once');
    assert.ok(Object.isFrozen(read));
  });

  const BAD: Readonly<Record<string, CertificateParts>> = {
    'version 2': { change: ([, ...rest]) => [der.explicit(0, der.integer(Buffer.of(1))), ...rest] },
    'no version, which is version 1': { change: ([, ...rest]) => rest },
    'another algorithm outside than inside': { outerAlgorithm: RSA_SHA256 },
    'an extension twice': { extensions: [CODE_SIGNING, CODE_SIGNING] },
    'more extensions than allowed': {
      extensions: Array.from({ length: LIMITS.certificateExtensions + 1 }, (_, index) => other(index)),
    },
    'a unique identifier of its subject': {
      change: (parts) => [...parts.slice(0, 7), der.implicit(2, Buffer.of(0, 1)), ...parts.slice(7)],
    },
    'something behind the extensions': { change: (parts) => [...parts, der.integer(Buffer.of(1))] },
    'nothing behind the key but half an extension': {
      change: (parts) => [
        ...parts.slice(0, 7),
        der.explicit(3, der.sequence(der.sequence(der.oid('1.2.3')))),
      ],
    },
    'nothing but the serial number': { change: (parts) => parts.slice(0, 2) },
  };
  for (const [what, parts] of Object.entries(BAD)) {
    test(`refuses ${what}`, () => {
      assert.throws(() => parseCertificate(makeDer(parts).der), { code: 'CERTIFICATE_MALFORMED' });
    });
  }

  test('refuses bytes behind it, and every cut', () => {
    const { der: bytes } = makeDer({ extensions: [CODE_SIGNING] });
    const malformed = { code: 'CERTIFICATE_MALFORMED' };
    assert.throws(() => parseCertificate(Buffer.concat([bytes, Buffer.of(0)])), malformed);
    for (let length = 0; length < bytes.length; length += 1) {
      assert.throws(() => parseCertificate(bytes.subarray(0, length)), malformed);
    }
  });

  test('refuses a certificate of 10,000 names, and 20 kB of nested DER, by their size', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => uri(`https://a.example/${index}`));
    const { der: many } = makeDer({ extensions: [subjectAltNames(...names)] });
    assert.throws(() => parseCertificate(many), { code: 'LIMIT_EXCEEDED' });
    let nested: Uint8Array = Buffer.alloc(0);
    while (nested.length < 20_000) nested = der.sequence(nested);
    assert.throws(() => parseCertificate(nested), { code: 'LIMIT_EXCEEDED' });
  });

  test('a key that nobody knows is refused when it is asked for', () => {
    const unknown = der.sequence(der.sequence(der.oid('1.2.3')), der.bitString(Buffer.of(1)));
    const { der: bytes } = makeDer({
      change: (parts) => parts.map((part, index) => (index === 6 ? unknown : part)),
    });
    const certificate = parseCertificate(bytes);
    assert.throws(() => certificate.publicKey, { code: 'CERTIFICATE_MALFORMED' });
  });

  test('reads keys of other kinds', () => {
    const keys = generateKeyPairSync('ed25519');
    const algorithm = { der: der.sequence(der.oid('1.3.101.112')), hash: null };
    const read = parseCertificate(makeDer({ keys, algorithm }).der);
    assert.equal(read.publicKey.asymmetricKeyType, 'ed25519');
    assert.equal(read.signatureAlgorithm, '1.3.101.112');
  });
});

test('every certificate of the vectors is read as OpenSSL reads it', { skip }, () => {
  const all = vectorCertificates();
  assert.ok(all.length > 30, `${all.length} certificates`);
  for (const bytes of all) {
    const read = parseCertificate(bytes);
    const x509 = new X509Certificate(bytes);
    assert.equal(read.notBefore, Date.parse(x509.validFrom));
    assert.equal(read.notAfter, Date.parse(x509.validTo));
    const serial = Buffer.from(read.serial).toString('hex').toUpperCase();
    assert.equal(serial.replace(/^00/, ''), x509.serialNumber);
    assert.ok(read.publicKey.equals(x509.publicKey));
  }
});
