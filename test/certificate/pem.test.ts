// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { encodePem } from '../../src/certificate/der.ts';
import { parsePemCertificates } from '../../src/certificate/pem.ts';
import { LIMITS } from '../../src/limits.ts';
import { makeDer } from '../support/certificates.ts';

const one = makeDer({}).der;
const PEM = encodePem('CERTIFICATE', one);
const count = (pem: string) => parsePemCertificates(pem).length;

suite('parsePemCertificates', () => {
  test('reads them in their order, with words and any line ends between', () => {
    const second = makeDer({ subject: 'second' }).der;
    const pem = `subject=CN = test\n${PEM.replaceAll('\n', '\r\n')}\nsecond:\n${encodePem('CERTIFICATE', second)}`;
    const read = parsePemCertificates(pem);
    assert.deepEqual(
      read.map(({ der }) => Buffer.compare(der, one)),
      [0, Buffer.compare(second, one)],
    );
    assert.equal(count(' \n'), 0);
    assert.equal(count(''), 0);
  });

  const BAD: Readonly<Record<string, string>> = {
    'words only': 'no certificate',
    'a key beside it': PEM + encodePem('PRIVATE KEY', Buffer.of(1)),
    'a key before it': encodePem('PRIVATE KEY', Buffer.of(1)) + PEM,
    'a certificate that does not end': PEM.replace('-----END CERTIFICATE-----', ''),
    'one that ends twice': `${PEM}-----END CERTIFICATE-----\n`,
    'no base64': PEM.replace('\n', '\n!'),
    'base64 with bits to spare': '-----BEGIN CERTIFICATE-----\nMB==\n-----END CERTIFICATE-----\n',
    nothing: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
    'another thing in base64': encodePem('CERTIFICATE', Buffer.from('hello')),
  };
  for (const [what, pem] of Object.entries(BAD)) {
    test(`refuses ${what}`, () => {
      assert.throws(() => parsePemCertificates(pem), { code: 'CERTIFICATE_MALFORMED' });
    });
  }

  test('refuses too many, and too much', () => {
    const many = encodePem('CERTIFICATE', Buffer.of(5)).repeat(LIMITS.bundleCertificates + 1);
    assert.throws(() => count(many), { code: 'LIMIT_EXCEEDED' });
    assert.throws(() => count(PEM.padEnd(LIMITS.certificateBytes + 1)), { code: 'LIMIT_EXCEEDED' });
  });
});
