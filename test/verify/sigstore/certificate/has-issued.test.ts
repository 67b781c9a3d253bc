// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { parseCertificate } from '../../../../src/certificate/x509.ts';
import { hasIssued, isSelfIssued } from '../../../../src/verify/sigstore/certificate/has-issued.ts';
import { vectorCertificates } from '../../../support/certificates.ts';
import { skipWithoutVectors as skip } from '../../../support/vectors.ts';

test('says of every two real certificates what OpenSSL says', { skip }, () => {
  const all = vectorCertificates().map((der) => ({
    ours: parseCertificate(der),
    theirs: new X509Certificate(der),
  }));
  let issued = 0;
  for (const above of all) {
    for (const below of all) {
      const expected = below.theirs.checkIssued(above.theirs) && below.theirs.verify(above.theirs.publicKey);
      assert.equal(
        hasIssued(above.ours, below.ours),
        expected,
        `${below.theirs.subject} by ${above.theirs.subject}`,
      );
      if (expected) issued += 1;
    }
    assert.equal(isSelfIssued(above.ours), above.theirs.subject === above.theirs.issuer);
  }
  assert.ok(issued > 30, `${issued} pairs`);
});
